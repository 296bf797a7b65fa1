// One attempt at a worker: a request is given to the worker whose slot it holds, for an answer or for an upgraded
// connection.

import { Failure } from '../errors.ts'
import type { House, WorkerSlot } from '../house.ts'
import type { Ending, RequestInHand } from '../passing.ts'
import { answeredAttempt, lostAttempt } from '../upstream/retry.ts'
import { beginSoon } from './beginning.ts'
import { Joint } from './joint.ts'
import { reportLoss } from './loss-report.ts'

/** Gives the request to a worker. Settles with null when the client has the whole answer. Owns the slot. */
export function attempt(house: House, request: RequestInHand, slot: WorkerSlot): Promise<Ending | null> {
  return new Promise((resolve, reject) => {
    const begin = () => {
      try {
        new Joint(house, request, slot, resolve)
      } catch (error) {
        // Nothing is expected to throw before the connection has the slot; if it does, the slot is not lost.
        slot.release()
        reject(error)
      }
    }
    // Others wait behind it: the worker must not.
    if (request.rules.admission.someWait) begin()
    else beginSoon(request.exchange, begin)
  })
}

/** Gives a request to upgrade to a worker: settles with null once the lane has the client, and ends the exchange itself. */
export async function attemptUpgrade(
  house: House,
  request: RequestInHand,
  slot: WorkerSlot,
): Promise<Ending | null> {
  const { exchange, edge, rules } = request
  const upstream = slot.pool.backend
  exchange.enter('connecting')
  const opened = await house.upgrades.open(upstream, slot, exchange, rules.workers)
  if ('failure' in opened) {
    const { failure, loss } = opened
    if (loss === null) return { kind: 'failed', failure, again: null }
    reportLoss(house, request, upstream, failure, loss)
    return { kind: 'failed', failure, again: lostAttempt(failure, loss, true) }
  }
  // An answer that is awaited there has limits of its own.
  if (rules.receiveUpgrade !== undefined) request.deadline?.end()
  const head = rules.workerHead(request, upstream, 'none', true)
  const receive = rules.receiveUpgrade?.bind(rules)
  const joined = await house.upgrades.join(edge, head, exchange, opened, rules.workers, receive)
  if (joined !== null && 'unasked' in joined) {
    const { unasked: failure } = joined
    const again = { ...answeredAttempt(failure, true), nothingSent: true, silent: true }
    return { kind: 'failed', failure, again }
  }
  if (joined !== null) {
    const { back } = joined
    request.keepAlive = false
    return back instanceof Failure
      ? { kind: 'failed', failure: back, again: null }
      : { kind: 'taken', answer: back }
  }
  request.handedOver = true
  return null
}
