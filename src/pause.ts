// A pause for a deploy: requests wait in the queue until it is over, by command, by its own limit, or since the proxy
// stops. Says so in the log; who waits and how long is the admission's.

import type { Logger } from 'pino'
import type { Admission } from './admit/admission.ts'
import { now } from './clock.ts'

/** What is known of a pause that is under way; times on the monotonic clock, in milliseconds. */
export interface Paused {
  readonly since: number
  readonly until: number
  /** For people whose request waited in vain; null: the usual words. */
  readonly message: string | null
}

type Ended = 'asked' | 'limit' | 'drain'

export class Pause {
  readonly #admission: Pick<Admission<never>, 'pause' | 'resume'>
  readonly #log: Pick<Logger, 'info' | 'warn'>
  #state: Paused | null = null

  constructor(admission: Pick<Admission<never>, 'pause' | 'resume'>, log: Pick<Logger, 'info' | 'warn'>) {
    this.#admission = admission
    this.#log = log
  }

  get state(): Paused | null {
    return this.#state
  }

  /** Begins one, or gives the present one a new limit and message. @param forMs how long at most */
  begin(forMs: number, message: string | null, at = now()): Paused {
    this.#state = { since: this.#state?.since ?? at, until: at + forMs, message }
    this.#admission.pause(message)
    this.#log.info({ for_ms: forMs, detail: message ?? '' }, 'paused')
    return this.#state
  }

  /** Ends it; false when there was none. */
  end(why: Ended, at = now()): boolean {
    if (this.#state === null) return false
    const fields = { paused_ms: Math.round(at - this.#state.since), reason: why }
    this.#state = null
    if (why === 'limit') this.#log.warn(fields, 'resumed')
    else this.#log.info(fields, 'resumed')
    this.#admission.resume()
    return true
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    if (this.#state !== null && at >= this.#state.until) this.end('limit', at)
  }
}
