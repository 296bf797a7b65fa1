// The way of a request from a place of a site to a worker and back: its cache, whom it goes to, its body (`passed-body.ts`),
// then a slot of the group and an attempt. What the visit comes to where the client did not get the answer from there is
// `unanswered.ts`'s.

import type { Balance } from '../config/nginx/group-config.ts'
import { isSecure } from '../config/nginx/modules/proxy.ts'
import { withTimeout } from '../config/nginx/resolver.ts'
import { Failure } from '../errors.ts'
import type { ComputedTarget, House, UpstreamGroup } from '../house.ts'
import type { Outcome } from '../outcome.ts'
import type { RequestInHand } from '../passing.ts'
import { refusal, workInTime } from '../pipeline.ts'
import { type Destination, destinationOf } from '../request/site-target.ts'
import type { ClientWriter } from '../response/delivery.ts'
import { UpstreamTlsError } from '../upstream/upstream-tls.ts'
import type { Visit } from '../visit.ts'
import { lookUp } from './cache-look.ts'
import type { Caching } from './caching.ts'
import { takeIn } from './early-body.ts'
import { hasBody, withoutBody } from './lost-body.ts'
import { asPassed, bodyReady } from './passed-body.ts'
import { PlaceRules } from './place-rules.ts'
import { refresh } from './refreshing.ts'
import type { Site } from './site.ts'
import { elsewhere, failed, headOnly } from './unanswered.ts'

/** What of a request outlives a place: the next one may be passed its body. */
export interface Carried {
  request: RequestInHand
  /** Who gets the answer of a request that was made for another one; absent: its head is all that is asked for. */
  readonly into?: ClientWriter
  /** Of a kept answer that is made anew while the client is given it: its end. */
  remade?: Promise<void>
}

/** Null: the client has been answered, or there is nobody to answer any more. */
export async function passOn(
  house: House,
  site: Site,
  visit: Visit,
  carried: Carried,
): Promise<Outcome | null> {
  const destination = destinationOf(visit, visit.settings.pass!)
  if (typeof destination === 'string') return { kind: 'status', status: 500, detail: destination }
  const { family } = visit.settings.pass!
  if (family === 'memcached' && visit.method !== 'GET' && visit.method !== 'HEAD')
    return { kind: 'status', status: 405 }
  visit.proxyHost = family === 'http' ? destination.host : ''
  visit.keeping = null
  visit.cacheStatus = ''
  if (visit.settings.cache === null) return passAlong(house, site, visit, carried, destination, null)
  return throughCache(house, site, visit, carried, destination)
}

// What is kept is given at once: no worker, no queue. A body may be a part of what it is known by.
async function throughCache(
  house: House,
  site: Site,
  visit: Visit,
  carried: Carried,
  destination: Destination,
): Promise<Outcome | null> {
  const bodiless = carried.request.framing.kind === 'none'
  if (!bodiless && site.asksForBody && carried.request.intake === null) {
    const wrong = await takeIn(house, visit, carried, visit.settings.maxBody)
    if (wrong !== null) return wrong
  }
  const looked = await lookUp(site, visit, destination, bodiless)
  if (looked.kind === 'pass') {
    try {
      return await passAlong(house, site, visit, carried, destination, looked.caching)
    } finally {
      looked.caching?.use.release()
    }
  }
  if (looked.refresh !== null) {
    carried.remade = refresh(
      house,
      site,
      visit,
      carried.request,
      looked.refresh,
      ({ visit: again, request, caching }) =>
        passAlong(house, site, again, { request }, destination, caching),
    )
  }
  return looked.outcome
}

/** To the app. @param caching what its cache has to do with it, which has nothing for it; null: there is none */
async function passAlong(
  house: House,
  site: Site,
  visit: Visit,
  carried: Carried,
  destination: Destination,
  caching: Caching | null,
): Promise<Outcome | null> {
  const { pass } = visit.settings
  const group =
    pass!.kind === 'group'
      ? house.groups.of(pass!.group.name)
      : await house.groups.computed(targetOf(visit, destination))
  if (group instanceof Failure) return { kind: 'status', status: 502, detail: group.detail }
  visit.exchange.tried = null
  visit.exchange.goesOnAlone = visit.settings.ignoreClientAbort
  visit.exchange.balanceKey = balanceKey(visit, group.config.balance)
  const rules = rulesFor(house, visit, destination, group, site, caching, carried.into)
  if (rules instanceof Error) return { kind: 'status', status: 500, detail: rules.message }
  const request = (carried.request = rules.for(carried.request))
  const failure = refusal(request) ?? (await bodyReady(house, visit, request, site))
  if (failure !== null) {
    rules.noneLeft(failure)
    if (failure.code === 'body_too_large' || !hasBody(request)) carried.request = withoutBody(visit, request)
    return failed(visit, failure, rules)
  }
  const sent = asPassed(house, visit, request)
  const untold = rules.gateway?.prepare(sent) ?? null
  if (untold !== null) return { kind: 'status', status: 500, detail: untold.message }
  const ended = await workInTime(house, sent)
  if (sent !== request) {
    sent.intake?.spool.destroy()
    request.handedOver = sent.handedOver
  }
  if (ended === null) {
    visit.answeredWhole = !request.handedOver
    return rules.askedHead === null ? null : headOnly(rules.askedHead)
  }
  if (!hasBody(request)) carried.request = withoutBody(visit, request)
  if (ended instanceof Failure) {
    rules.noneLeft(ended)
    return failed(visit, ended, rules)
  }
  return elsewhere(visit, rules, ended)
}

// A certificate that variables name may not be there (ngx_http_upstream_ssl_certificate).
function rulesFor(
  house: House,
  visit: Visit,
  destination: Destination,
  group: UpstreamGroup,
  site: Site,
  caching: Caching | null,
  into: ClientWriter | undefined,
): PlaceRules | UpstreamTlsError {
  try {
    return new PlaceRules(house, visit, destination, group, site.upstreamTls, caching, into)
  } catch (error) {
    if (error instanceof UpstreamTlsError) return error
    throw error
  }
}

// Nobody says which port uwsgi or its like would have by themselves.
function targetOf(visit: Visit, { host, scheme }: Destination): ComputedTarget {
  const pass = visit.settings.pass!
  const shield = (pass.kind === 'computed' && pass.shield) || null
  return { host, secure: isSecure(scheme), family: pass.family, resolver: asked(visit), shield }
}

function asked({ settings: { resolver, resolverTimeout } }: Visit): readonly string[] {
  return withTimeout(resolver, resolverTimeout)
}

// What the group's method goes by, where it goes by something of the request.
function balanceKey(visit: Visit, balance: Balance): string | null {
  if (balance.by === 'hash') return visit.text(balance.key)
  return balance.by === 'ip hash' ? visit.client : null
}
