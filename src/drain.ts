// The orderly end: nothing new is accepted, what is under way ends, idle connections get a grace and are closed;
// at the drain timeout the rest is left to be cut. It cuts nothing itself.

import type { Logger } from 'pino'
import { Failure } from './errors.ts'
import { now } from './exchange.ts'
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
  readonly log: Logger
}

export class Drain {
  readonly #options: DrainOptions
  readonly #began = now()
  readonly #ended = Promise.withResolvers<boolean>()
  readonly #late: NodeJS.Timeout

  constructor(options: DrainOptions) {
    this.#options = options
    const { reason, timeout, connections, upgrades, log } = options
    log.info({ reason, active: connections.count().active, timeout_ms: timeout }, 'drain')
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

  /** The time is up: what still runs is told so, and gets an answer where none has begun. */
  giveUp(): void {
    const detail = `still running ${this.#options.timeout} ms after ${this.#options.reason}`
    this.#options.connections.interruptAll(new Failure('drain_timeout', detail))
  }

  /** Says how it went. */
  report(clean: boolean): void {
    const { connections, log } = this.#options
    const after = { after_ms: Math.round(now() - this.#began) }
    if (clean) log.info(after, 'drained; every request was answered')
    else {
      const fields = { ...after, cut: connections.count().active + this.#options.upgrades.size }
      log.warn(fields, 'the drain timeout has passed; the requests that were still running are cut')
    }
  }
}
