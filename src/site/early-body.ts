// A body that is taken in before anybody asks for it: before the site looks what its request is for
// (`client_body_early_read`), so that every place knows it as `$request_body`; or before copies are made of it.

import { Failure } from '../errors.ts'
import type { House } from '../house.ts'
import type { Outcome } from '../outcome.ts'
import { receive } from '../pipeline.ts'
import { anySaysYes } from '../script/predicates.ts'
import type { Visit } from '../visit.ts'
import { bodyAllowance } from './allowances.ts'
import { withoutBody } from './lost-body.ts'
import { atHand } from './passed-body.ts'
import type { Carried } from './passing-on.ts'
import { failed } from './unanswered.ts'

/**
 * Where the server wants it early; its limits hold, as no place is known yet. What the request comes to where its body
 * cannot be had; null: it goes on.
 */
export async function takeInEarly(house: House, visit: Visit, carried: Carried): Promise<Outcome | null> {
  const { clientBodyEarlyRead: wanted, maxBody } = visit.server.settings
  if (wanted.length === 0 || carried.request.framing.kind === 'none') return null
  if (!anySaysYes(wanted, visit)) return null
  return takeIn(house, visit, carried, maxBody)
}

/** The same for whoever wants it. @param maxBody bytes; 0: any number */
export async function takeIn(
  house: House,
  visit: Visit,
  carried: Carried,
  maxBody: number,
): Promise<Outcome | null> {
  const { request } = carried
  const { framing } = request
  if (framing.kind === 'none') return null
  const most = maxBody === 0 ? Number.MAX_SAFE_INTEGER : maxBody
  let failure: Failure | null
  if (framing.kind === 'length' && framing.length > most) {
    const detail = `client intended to send too large body: ${framing.length} bytes`
    failure = new Failure('body_too_large', detail)
  } else {
    const rules = { requestBuffering: true, maxBody: most, bodyAllowance: bodyAllowance(visit.settings) }
    failure = await receive(house, request, rules)
  }
  if (failure === null) {
    visit.body = atHand(request, visit.settings)
    return null
  }
  carried.request = withoutBody(visit, request)
  return failed(visit, failure, { timedOut: false, caching: null }) ?? { kind: 'close' }
}
