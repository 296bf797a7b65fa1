// The moment at which the edge would give up on a request that waits for its answer: the client is told by us
// before. It ends the request's wait, whichever that is; what the worker does is not its business.

import type { Clock, Timed } from './clock.ts'
import { Failure } from './errors.ts'
import { type Exchange, now } from './exchange.ts'

export class AnswerDeadline implements Timed {
  deadline = 0
  readonly #exchange: Exchange
  readonly #clock: Clock
  readonly #within: number

  /** @param within milliseconds from now, when the request is whole, to the first byte of the answer */
  constructor(exchange: Exchange, clock: Clock, within: number) {
    this.#exchange = exchange
    this.#clock = clock
    this.#within = within
    exchange.answerBy = now() + within
    clock.set(this, exchange.answerBy)
  }

  expired(): void {
    // An answer that has begun is on its way: what the edge allows between its pieces is --read-timeout's matter.
    if (this.#exchange.status !== 0) return
    const detail = `no answer ${Math.round(this.#within)} ms after the whole request; the edge gives up soon after`
    this.#exchange.interrupt(new Failure('edge_timeout', detail))
  }

  /** The wait is over; may be called twice. */
  end(): void {
    this.#clock.clear(this)
  }
}
