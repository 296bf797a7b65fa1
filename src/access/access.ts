// Who may come in: the access phase of a visit. Addresses, then a password, then what a subrequest says, and whether
// all of them must agree or one is enough (ngx_http_core_access_phase).

import { NEXT, type Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { ruleFor } from './address-rules.ts'
import { type Ask, askElsewhere } from './auth-request.ts'
import { asksForPassword, checkPassword } from './basic-auth.ts'
import { delayed } from './delay.ts'
import type { Refusal, Verdict } from './verdict.ts'

export type { Ask, Asked } from './auth-request.ts'

/**
 * The outcome of the access phase. What was refused is in the error log already.
 * @param ask makes the request of `auth_request` and waits for its head
 */
export function checkAccess(visit: Visit, ask: Ask): Outcome | Promise<Outcome> {
  // What a site asks of itself is not asked for a password again.
  if (visit.parent !== null) return NEXT
  const { accessRules, authRequest } = visit.settings
  const byAddress = accessRules.length === 0 ? 'no opinion' : checkAddress(visit)
  if (authRequest === null && !asksForPassword(visit)) {
    if (typeof byAddress === 'string') return NEXT
    forbidden(visit)
    return refused(byAddress)
  }
  return visit.settings.satisfy === 'all' ? checkAll(visit, byAddress, ask) : checkAny(visit, byAddress, ask)
}

function checkAddress(visit: Visit): Verdict {
  const rule = ruleFor(visit.settings.accessRules, visit.client)
  if (rule === null) return 'no opinion'
  return rule === 'allow' ? 'welcome' : { status: 403, fields: [] }
}

async function checkAll(visit: Visit, byAddress: Verdict, ask: Ask): Promise<Outcome> {
  if (typeof byAddress !== 'string') {
    forbidden(visit)
    return refused(byAddress)
  }
  for (const check of others(visit, ask)) {
    const verdict = await check()
    if (typeof verdict !== 'string') return refusedLate(visit, verdict)
  }
  return NEXT
}

// The first that is convinced ends it. Of refusals one that asks for a password counts, so that there is a way in.
async function checkAny(visit: Visit, byAddress: Verdict, ask: Ask): Promise<Outcome> {
  const refusals: Refusal[] = []
  for (const check of [() => byAddress, ...others(visit, ask)]) {
    const verdict = await check()
    if (verdict === 'welcome') return NEXT
    if (verdict === 'no opinion') continue
    if (verdict.status !== 403 && verdict.status !== 401) return refused(verdict)
    refusals.push(verdict)
  }
  if (refusals.length === 0) return NEXT
  const status = refusals.some(each => each.status === 401) ? 401 : 403
  if (status === 403) forbidden(visit)
  return refusedLate(visit, { status, fields: refusals.flatMap(({ fields }) => fields) })
}

function others(visit: Visit, ask: Ask): (() => Promise<Verdict>)[] {
  const { authRequest } = visit.settings
  const checks: (() => Promise<Verdict>)[] = []
  if (asksForPassword(visit)) checks.push(() => checkPassword(visit))
  if (authRequest !== null) checks.push(() => askElsewhere(visit, authRequest, ask))
  return checks
}

function forbidden(visit: Visit): void {
  visit.site.logs.error('error', 'access forbidden by rule', visit)
}

function refused({ status, fields }: Refusal): Outcome {
  return { kind: 'status', status, fields }
}

// `auth_delay`: whoever tries passwords waits for each answer.
async function refusedLate(visit: Visit, refusal: Refusal): Promise<Outcome> {
  const { authDelay } = visit.settings
  if (refusal.status !== 401 || authDelay === 0) return refused(refusal)
  visit.site.logs.error('info', 'delaying unauthorized request', visit)
  return (await delayed(visit, authDelay)) ? refused(refusal) : { kind: 'close' }
}
