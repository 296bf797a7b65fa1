// The orderly end of what is under way: requests end, idle connections stay until nothing else is, get a grace and are
// closed; at the drain timeout the rest is told and left to be cut. It cuts nothing itself, and writes no log.

import { now } from './clock.ts'
import { Failure } from './errors.ts'
import type { Connections } from './listen/connections.ts'
import type { UpgradeLane } from './upstream/upgrade-lane.ts'

/**
 * Once only idle connections are left, they stay so long, as a request may be on its way (milliseconds). Before that they
 * hold nothing up, and whoever uses one is served and told to close.
 */
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
  /** Since when nothing but idle connections is left; 0 while there is something. */
  #quietSince = 0

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
  tick(at = now()): void {
    const { connections, upgrades } = this.#options
    if (connections.count().active > 0 || upgrades.size > 0) this.#quietSince = 0
    else {
      if (this.#quietSince === 0) this.#quietSince = at
      if (at - this.#quietSince >= IDLE_GRACE_MS) connections.endWaitsLongerThan(IDLE_GRACE_MS)
    }
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
