// Whether a request of a place that came to nothing at one address is tried at another: what the file says
// (`proxy_next_upstream` and its limits), and beyond it what the shield does for a worker that died at random. Keeps count of
// the tries, and tells each address whether it did well (`max_fails`).

import { now } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { UpstreamGroup } from '../house.ts'
import {
  countsAgainst,
  isNamed,
  mayTryNext,
  type Trouble,
  troubleOfStatus,
} from '../upstream/next-upstream.ts'
import { type Attempt, mayGoAgain, troubleOf } from '../upstream/retry.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Visit } from '../visit.ts'

export class NextTry {
  /** The last try ended for want of a connection or an answer in time. */
  timedOut = false
  /** What became of the last try, where it became nothing. */
  failed: Failure | null = null
  readonly #visit: Visit
  readonly #group: UpstreamGroup
  readonly #begunAt = now()
  #upstream: Upstream | null = null
  #tries = 0
  /** Why an answer was not taken, between its head and the question whether to go again. */
  #trouble: Trouble | null = null

  constructor(visit: Visit, group: UpstreamGroup) {
    this.#visit = visit
    this.#group = group
  }

  /** The request is given to this one. */
  begin(upstream: Upstream): void {
    this.#upstream = upstream
    this.#tries++
    const { exchange } = this.#visit
    // Another try is to be somewhere else.
    exchange.tried = [...(exchange.tried ?? []), upstream.name]
  }

  /**
   * Whether an answer of this status is no answer yet, since another address may have a better one. If not, it goes to the
   * client whatever it says, and speaks for its address (ngx_http_upstream_test_next).
   * @param resendable the whole request can be sent again
   */
  passesOver(status: number, upstream: Upstream, resendable: boolean): boolean {
    const { settings } = this.#visit
    const trouble = troubleOfStatus(status)
    const passed = trouble !== null && isNamed(trouble, settings) && this.#mayTryNext(trouble, resendable)
    upstream.went(!passed || !countsAgainst(trouble, settings))
    if (passed) this.#trouble = trouble
    return passed
  }

  /** Whether there is another try after this one. @param givesStale there is something to give instead, without a wait */
  follows(exchange: Exchange, attempt: Attempt, givesStale: boolean): boolean {
    this.timedOut = attempt.timedOut
    this.failed = attempt.failure
    if (exchange.forNobody || attempt.failure.code === 'near_end') return false
    if (attempt.nothingSent) {
      // Without a hold it is nginx's to say what is next; where there is no room for a connection it is the queue's.
      if ((this.#group.hold === 0 && !attempt.full) || givesStale)
        return this.#mayTryNext(troubleOf(attempt), attempt.resendable, false)
      return !attempt.timedOut || this.#mayWaitFurther()
    }
    const trouble = this.#trouble ?? troubleOf(attempt)
    if (this.#trouble === null) this.#upstream?.went(false)
    this.#trouble = null
    if (this.#mayTryNext(trouble, attempt.resendable)) return true
    // Where the file says for what, and that is not among it, that is obeyed.
    if (!isNamed('error', this.#visit.settings)) return false
    // Who has no workers has lost none: it was asked, and has nothing to say.
    if (this.#group.config.isStore === true) return false
    return mayGoAgain(exchange, attempt, this.#group.workerTimeout)
  }

  #mayTryNext(trouble: Trouble, resendable: boolean, sent = true): boolean {
    const { settings, method } = this.#visit
    const tried = { trouble, method, sent, resendable, tries: this.#tries, left: this.#left() }
    return mayTryNext(settings, { ...tried, elapsedMs: now() - this.#begunAt })
  }

  // None else could be had when it came to one for the second time.
  #left(): number {
    const tried = this.#visit.exchange.tried ?? []
    return new Set(tried).size < tried.length ? 0 : this.#group.left(tried)
  }

  // For one that is silent as for one that refuses: the others first, and then as long as the file says.
  #mayWaitFurther(): boolean {
    return now() - this.#begunAt < this.#group.hold || this.#left() > 0
  }
}
