// What the queue learns of a request that a worker had: how long its answer took, or how long its client stayed for it. Part
// of the corridor. Decides nothing; what follows is `admit/policy.ts`'s.

import { now } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { RequestInHand } from '../passing.ts'

type Learnt = Pick<RequestInHand, 'exchange' | 'rules'>

/** The worker has given the whole answer. */
export function learnAnswered({ exchange, rules: { admission } }: Learnt): void {
  const left = exchange.leftAfter
  if (left !== null) {
    admission.abandoned(exchange.route, left, exchange.waited)
    return
  }
  const at = now()
  admission.answered(exchange.route, exchange.sinceReady(at), at - exchange.workerSince)
}

/** The delivery has ended before the whole answer. Of a client that leaves in the middle of it, the wait was not the reason. */
export function learnLeft({ exchange, rules: { admission } }: Learnt, { code }: Failure): void {
  if (code === 'client_left' && exchange.phase === 'waiting')
    admission.abandoned(exchange.route, exchange.sinceReady(), exchange.waited)
}
