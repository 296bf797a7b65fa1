// The moment at which the edge would give up on a request that waits for its answer: the client is told by us
// before. It ends the request's wait, whichever that is; what the worker does is not its business.

import { type Clock, now, type Timed } from './clock.ts'
import { Failure } from './errors.ts'
import type { Exchange } from './exchange.ts'

/** The way of a body that was not buffered before. */
export interface Intake {
  readonly started: boolean
  readonly whole: boolean
}

export class AnswerDeadline implements Timed {
  deadline = 0
  place = -1
  readonly #exchange: Exchange
  readonly #clock: Clock
  readonly #within: number
  readonly #intake: Intake | null
  #ended = false

  /**
   * @param within milliseconds to the first byte of the answer, from now on, when the request is whole; or else from
   *   `requestWhole`
   * @param intake the body, where there is one
   */
  constructor(exchange: Exchange, clock: Clock, within: number, intake: Intake | null) {
    this.#exchange = exchange
    this.#clock = clock
    this.#within = within
    this.#intake = intake
    this.#begin()
  }

  /** The last byte of a body that was not buffered has come: the edge begins to wait. */
  requestWhole(): void {
    if (!this.#ended) this.#begin()
  }

  #begin(): void {
    this.#exchange.answerBy = now() + this.#within
    this.#clock.set(this, this.#exchange.answerBy)
  }

  expired(): void {
    // An answer that has begun is on its way: what the edge allows between its pieces is --read-timeout's matter.
    if (this.#exchange.status !== 0) return
    // An edge that is still sending does not wait for an answer; how long it may take is --body-timeout's matter.
    if (this.#intake?.started === true && !this.#intake.whole) return
    const detail = `no answer ${Math.round(this.#within)} ms after the whole request; the edge gives up soon after`
    this.#exchange.interrupt(new Failure('edge_timeout', detail))
  }

  /** The wait is over; may be called twice. */
  end(): void {
    this.#ended = true
    this.#clock.clear(this)
  }
}
