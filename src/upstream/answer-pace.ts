// An answer that is taken from its worker no faster than a rate (`proxy_limit_rate`): after each piece the worker waits for as
// long as the rate would have taken for it (ngx_event_pipe_read_upstream). Reads nothing itself.

import { type Clock, now, type Timed } from '../clock.ts'

export class AnswerPace implements Timed {
  deadline = 0
  place = -1
  /** The worker is not to be read before `goOn` is called. */
  waiting = false
  readonly #perSecond: number
  readonly #clock: Clock
  readonly #goOn: () => void
  #since = -1
  #taken = 0

  /** @param perSecond bytes @param goOn told when more may be taken */
  constructor(perSecond: number, clock: Clock, goOn: () => void) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#goOn = goOn
  }

  /** So many more bytes were taken. False: the next ones are to wait. */
  took(bytes: number, at = now()): boolean {
    if (this.#since === -1) this.#since = at
    this.#taken += bytes
    const due = this.#since + (this.#taken / this.#perSecond) * 1000
    this.waiting = due > at
    if (this.waiting) this.#clock.set(this, due)
    return !this.waiting
  }

  expired(): void {
    this.waiting = false
    this.#goOn()
  }
}
