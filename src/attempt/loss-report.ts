// What the loss of a worker says: to the upstream it belonged to, and to those who watch. Decides nothing about the request.

import type { Failure } from '../errors.ts'
import type { House } from '../house.ts'
import { losing } from '../observe/loss.ts'
import type { RequestInHand } from '../passing.ts'
import type { LossOfWorker } from '../upstream/answer-sink.ts'
import { connectTrouble } from '../upstream/connect-failure.ts'
import type { Upstream } from '../upstream/upstream.ts'

/**
 * @param upstream the one that was tried
 * @param failure what its request will be told
 */
export function reportLoss(
  house: House,
  request: RequestInHand,
  upstream: Upstream,
  failure: Failure,
  loss: LossOfWorker,
): void {
  const { exchange, rules } = request
  if (loss.how === 'connect') {
    const trouble = connectTrouble(loss.code)
    if (trouble === 'near') return
    if (trouble === 'down') upstream.refused(failure.detail)
    else {
      upstream.stalled(trouble === 'silent')
      if (loss.code === 'EMFILE' || loss.code === 'ENFILE') house.relieve()
      rules.workers.warn(`${upstream.name} takes no connection now: ${failure.detail}; its requests wait`)
    }
    return
  }
  if (loss.how === 'timeout' || rules.hasNoWorkers === true) return
  house.observer.workerEnded({
    ...losing(exchange, house.config.logQuery ? exchange.target : exchange.path),
    ageMs: loss.ageMs,
    bytesOut: loss.received,
    how: loss.how,
    headSeen: loss.headSeen,
    detail: failure.detail,
  })
}
