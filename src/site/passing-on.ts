// The way of a request from a place of a site to a worker and back: its body first, then a slot of the group, an attempt,
// and what the visit comes to where the client did not get the answer from there.

import { isSecure } from '../config/nginx/modules/proxy.ts'
import { withTimeout } from '../config/nginx/resolver.ts'
import type { Balance } from '../config/nginx/site.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { ComputedTarget, House, UpstreamGroup } from '../house.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { splitUri } from '../http1/uri.ts'
import type { RequestInHand } from '../passing.ts'
import { receive, refusal, workInTime } from '../pipeline.ts'
import { BodyIntake } from '../request/body.ts'
import { type Destination, destinationOf } from '../request/site-target.ts'
import type { ClientWriter } from '../response/delivery.ts'
import { RETRY_AFTER_S } from '../response/error-answer.ts'
import type { Spool } from '../spool/spool.ts'
import { UpstreamTlsError } from '../upstream/upstream-tls.ts'
import type { Outcome, Visit } from '../visit.ts'
import { lookUp } from './cache-look.ts'
import type { Caching } from './caching.ts'
import { takeIn } from './early-body.ts'
import { hasBody, withoutBody } from './lost-body.ts'
import { PlaceRules } from './place-rules.ts'
import { refresh } from './refreshing.ts'
import type { Site } from './site.ts'

/** What of a request outlives a place: the next one may be passed its body. */
export interface Carried {
  request: RequestInHand
  /** Who gets the answer of a request that was made for another one; absent: its head is all that is asked for. */
  readonly into?: ClientWriter
}

/** Null: the client has been answered, or there is nobody to answer any more. */
export async function passOn(
  house: House,
  site: Site,
  visit: Visit,
  carried: Carried,
): Promise<Outcome | null> {
  const destination = destinationOf(visit, visit.settings.pass!)
  if (destination === null) return { kind: 'status', status: 500, detail: 'invalid URL prefix in proxy_pass' }
  visit.proxyHost = visit.settings.pass!.family === 'http' ? destination.host : ''
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
    visit.body = atHand(carried.request)
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
    void refresh(house, site, visit, carried.request, looked.refresh, ({ visit: again, request, caching }) =>
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
  visit.exchange.balanceKey = balanceKey(visit, group.config.balance)
  const rules = rulesFor(house, visit, destination, group, site, caching, carried.into)
  if (rules instanceof Error) return { kind: 'status', status: 500, detail: rules.message }
  const request = (carried.request = rules.for(carried.request))
  const failure = await ready(house, visit, request, site)
  if (failure !== null) {
    rules.noneLeft(failure)
    if (failure.code === 'body_too_large' || !hasBody(request)) carried.request = withoutBody(visit, request)
    return failed(visit, failure, rules)
  }
  const untold = rules.gateway?.prepare(request) ?? null
  if (untold !== null) return { kind: 'status', status: 500, detail: untold.message }
  const ended = await workInTime(house, request)
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
  const { family } = visit.settings.pass!
  return { host, secure: isSecure(scheme), family, resolver: asked(visit) }
}

function asked({ settings: { resolver, resolverTimeout } }: Visit): readonly string[] {
  return withTimeout(resolver, resolverTimeout)
}

// What the group's method goes by, where it goes by something of the request.
function balanceKey(visit: Visit, balance: Balance): string | null {
  if (balance.by === 'hash') return visit.text(balance.key)
  return balance.by === 'ip hash' ? visit.client : null
}

// The body, whole, where it is to be; one that another place has taken in already is used again.
async function ready(
  house: House,
  visit: Visit,
  request: RequestInHand,
  host: Pick<Site, 'asksForBody'>,
): Promise<Failure | null> {
  const refused = refusal(request)
  if (refused !== null) return refused
  const { proxyBody, passRequestBody } = visit.settings
  // What was made for another request has a body only where it was given one.
  if (!passRequestBody || (visit.parent !== null && request.intake === null)) {
    if (request.intake !== null && !request.intake.started) request.edge.discardBody()
    request.intake?.spool.destroy()
    request.intake = null
    return null
  }
  // What is sent in its place may hold what the client sent: `$request_body`.
  const wanted = proxyBody === null || (host.asksForBody && request.rules.requestBuffering)
  if (request.intake === null && wanted) {
    const failure = await receive(house, request)
    if (failure !== null) return failure
    if (host.asksForBody && request.rules.requestBuffering) visit.body = atHand(request)
    else if (host.asksForBody) copyBody(request, visit)
  }
  if (proxyBody === null) return null
  const text = visit.text(proxyBody)
  request.edge.discardBody()
  request.intake?.spool.destroy()
  request.intake = ownBody(house, request, text)
  return null
}

// What of a body lies in memory; one that has gone to the disk is not at hand (nginx: `$request_body` is empty then).
export function atHand({ intake }: RequestInHand): Buffer | null {
  if (intake === null || intake.spool.spilled > 0) return null
  const reader = intake.spool.reader()
  const pieces: Buffer[] = []
  for (let piece = reader.read(PIECE); piece !== null; piece = reader.read(PIECE))
    pieces.push(Buffer.from(piece))
  reader.close()
  return Buffer.concat(pieces)
}

function copyBody({ intake }: RequestInHand, visit: Visit): void {
  intake?.copies(COPIED, body => {
    visit.body = body
  })
}

const PIECE = 64 * 1024
/** Of a body that goes to the app as it comes, as much is kept for `$request_body` as nginx's buffer for it takes. */
const COPIED = 16 * 1024

// `proxy_set_body`: in place of what the client sends, which is thrown away.
function ownBody(house: House, request: RequestInHand, text: string): BodyIntake {
  const spool = house.spools.spool('request', request.spoolClient, true)
  spool.write(Buffer.from(text, 'latin1'))
  spool.end()
  return takenIn(request.exchange, request, spool)
}

/** A body that is whole, wherever it comes from, as if the client had sent it. */
export function takenIn(exchange: Exchange, { edge }: RequestInHand, spool: Spool): BodyIntake {
  const intake = new BodyIntake(exchange, edge, spool, Number.MAX_SAFE_INTEGER)
  intake.started = true
  return intake
}

// nginx's own statuses, which the file's error pages are written for: a refused connection is a 502 there, and one that
// did not come about in time a 504.
export function failed(
  visit: Visit,
  failure: Failure,
  { timedOut, caching }: Pick<PlaceRules, 'timedOut' | 'caching'>,
): Outcome | null {
  const { exchange } = visit
  const isAsked = exchange.status === 0 && exchange.clientPresent
  if (isAsked && caching?.standsInFor(failure, timedOut) === true) return caching.give('STALE')
  exchange.fail(failure)
  const { status } = failure.kind
  if (exchange.status !== 0 || status === 0 || !exchange.clientPresent) return null
  const fields: [string, string][] = failure.kind.retryLater
    ? [['Retry-After', String(failure.retryAfter ?? RETRY_AFTER_S)]]
    : []
  const ours = failure.code !== 'upstream_down' ? status : timedOut ? 504 : 502
  if (ours === 502 || ours === 504) caching?.noteError(ours)
  return { kind: 'status', status: ours, fields, detail: failure.message }
}

function elsewhere(visit: Visit, { taken, caching }: PlaceRules, answer: ResponseHead): Outcome {
  const { status } = answer
  if (taken === null || taken.kind === 'asked') return headOnly(answer)
  if (taken.kind === 'kept') return caching!.give(taken.how)
  if (taken.kind === 'unwanted') return taken.outcome
  visit.errorFields.push(...(taken.kind === 'redirected' ? taken.fields.kept : taken.fields.challenge))
  if (taken.kind === 'intercepted') return { kind: 'status', status }
  if (taken.to.startsWith('@')) return { kind: 'named', name: taken.to }
  const to = splitUri(taken.to)
  if (to === null) return { kind: 'status', status: 404, detail: `unsafe URI "${taken.to}" was detected` }
  // What is served in its place is fetched, whatever was sent.
  if (visit.method !== 'HEAD') visit.method = 'GET'
  return { kind: 'jump', uri: to.uri, args: to.args }
}

// What one place says to another: a head.
function headOnly({ status, headers }: ResponseHead): Outcome {
  const head = {
    status,
    reason: '',
    headers,
    length: null,
    lastModified: null,
    rangeable: false,
    passedOn: true,
  }
  return { kind: 'answer', answer: { head, body: null } }
}
