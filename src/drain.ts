// The orderly end of what is under way: requests end, idle connections get a grace and are closed; at the drain
// timeout the rest is told and left to be cut. It cuts nothing itself, and writes no log.

import { Failure } from './errors.ts'
import type { Connections } from './listen/connections.ts'
import type { UpgradeLane } from './upstream/upgrade-lane.ts'

/** An idle connection stays so long, as a request may be on its way (milliseconds). */
const IDLE_GRACE_MS = 1_000

export interface DrainOptions {
  /** Why: the signal's name. */
  readonly reason: string
  /** Milliseconds. */
  readonly timeout: number
  readonly connections: Connections
  readonly upgrades: UpgradeLane
}

export class Drain {
  /** Connections with a request under way when it began. */
  readonly active: number
  readonly #options: DrainOptions
  readonly #ended = Promise.withResolvers<boolean>()
  readonly #late: NodeJS.Timeout

  constructor(options: DrainOptions) {
    this.#options = options
    const { timeout, connections, upgrades } = options
    this.active = connections.count().active
    this.#late = setTimeout(() => this.#ended.resolve(false), timeout)
    upgrades.closeAll()
    this.check()
  }

  /** Settles with whether everything ended by itself. */
  get ended(): Promise<boolean> {
    return this.#ended.promise
  }

  /** The coarse clock's beat. */
  tick(): void {
    this.#options.connections.endWaitsLongerThan(IDLE_GRACE_MS)
    this.check()
  }

  /** Something has ended: perhaps it was the last. */
  check(): void {
    const { connections, upgrades } = this.#options
    if (!connections.allDone || upgrades.size > 0) return
    clearTimeout(this.#late)
    this.#ended.resolve(true)
  }

  /** The time is up: what still runs is told so, and gets an answer where none has begun. Returns how many. */
  giveUp(): number {
    const { connections, upgrades, reason, timeout } = this.#options
    const cut = connections.count().active + upgrades.size
    connections.interruptAll(new Failure('drain_timeout', `still running ${timeout} ms after ${reason}`))
    return cut
  }
}
