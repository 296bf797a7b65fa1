// One attempt at a worker: a request is given to the worker whose slot it holds, for an answer or for an upgraded
// connection.

import type { Failure } from './errors.ts'
import type { House, WorkerSlot } from './house.ts'
import { Joint } from './joint.ts'
import { report } from './loss-report.ts'
import type { Ending, RequestInHand } from './passing.ts'
import { troubleOfLoss } from './upstream/next-upstream.ts'

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
    return tried(failure, loss.nothingSent, troubleOfLoss(loss) === 'timeout')
  }
  const failure = await house.upgrades.join(
    edge,
    rules.workerHead(request, upstream, 'none', true),
    exchange,
    opened,
    answer => rules.receiveUpgrade?.(answer) ?? answer.headers,
  )
  if (failure !== null) return tried(failure, true)
  request.handedOver = true
  return null
}

function tried(failure: Failure, nothingSent: boolean, timedOut = false): Ending {
  return {
    kind: 'failed',
    failure,
    again: { failure, nothingSent, silent: true, ageMs: 0, timedOut, resendable: true },
  }
}
