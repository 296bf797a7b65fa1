// A health check that is not the app's to answer (--health-answer proxy): answered from what is known of the app, without
// a worker.

import { end, fail, mayStay } from './ending.ts'
import { Failure } from './errors.ts'
import type { House } from './house.ts'
import type { RequestInHand } from './passing.ts'
import { healthyAnswer } from './response/healthy-answer.ts'
import type { Verdict, Vitals } from './vitals.ts'

const NOT_WELL: Readonly<Record<Exclude<Verdict, 'well'>, string>> = {
  starting: 'no worker has answered anything yet',
  refusing: 'the app refuses connections',
  silent: 'no worker has answered for longer than it may take',
}

/** Answers the request, and ends it. */
export function answerHealthCheck(house: House, { verdict }: Vitals, request: RequestInHand): void {
  const { exchange, edge } = request
  if (verdict !== 'well') {
    fail(house, exchange, new Failure('app_not_well', NOT_WELL[verdict]), edge, request)
    return
  }
  exchange.status = 200
  exchange.enter('delivering')
  const keepAlive = mayStay(request, house)
  const answer = healthyAnswer({
    id: exchange.id,
    method: exchange.method,
    keepAlive,
    is10: exchange.version === '1.0',
  })
  edge.outlet.write(answer)
  end(house, exchange, edge, keepAlive)
}
