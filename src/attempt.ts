// One attempt at a worker: a request is given to the worker whose slot it holds, for an answer or for an upgraded
// connection.

import type { House, WorkerSlot } from './house.ts'
import { Joint } from './joint.ts'
import { report } from './loss-report.ts'
import type { Ending, RequestInHand } from './passing.ts'
import { answeredAttempt, lostAttempt } from './upstream/retry.ts'

/** Gives the request to a worker. Settles with null when the client has the whole answer. Owns the slot. */
export function attempt(house: House, request: RequestInHand, slot: WorkerSlot): Promise<Ending | null> {
  return new Promise((resolve, reject) => {
    try {
      new Joint(house, request, slot, resolve)
    } catch (error) {
      // Nothing is expected to throw before the connection has the slot; if it does, the slot is not lost.
      slot.release()
      reject(error)
    }
  })
}

/** Gives a WebSocket's request to a worker: settles with null once the lane has the client, and ends the exchange itself. */
export async function attemptUpgrade(
  house: House,
  request: RequestInHand,
  slot: WorkerSlot,
): Promise<Ending | null> {
  const { exchange, edge, rules } = request
  const upstream = slot.pool.backend
  exchange.enter('connecting')
  const opened = await house.upgrades.open(upstream, slot, exchange, rules.workers.tls, rules.workers.from)
  if ('failure' in opened) {
    const { failure, loss } = opened
    if (loss === null) return { kind: 'failed', failure, again: null }
    report(house, request, upstream, failure, loss)
    return { kind: 'failed', failure, again: lostAttempt(failure, loss, true) }
  }
  const failure = await house.upgrades.join(
    edge,
    rules.workerHead(request, upstream, 'none', true),
    exchange,
    opened,
    answer => rules.receiveUpgrade?.(answer) ?? answer.headers,
  )
  if (failure !== null) {
    const again = { ...answeredAttempt(failure, true), nothingSent: true, silent: true }
    return { kind: 'failed', failure, again }
  }
  request.handedOver = true
  return null
}
