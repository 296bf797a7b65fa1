// What a visit comes to that was passed on without its client having got the answer from there: the request failed, or its
// answer is for somebody else, or stands for something else (`X-Accel-Redirect`, `proxy_intercept_errors`, a cache).

import type { Failure } from '../errors.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { splitUri } from '../http1/uri.ts'
import type { Outcome } from '../outcome.ts'
import { RETRY_AFTER_S } from '../response/error-answer.ts'
import type { UpstreamFields } from '../response/upstream-fields.ts'
import type { Visit } from '../visit.ts'
import type { Unwanted } from './client-answer.ts'
import type { PlaceRules } from './place-rules.ts'

/** Why an answer was not delivered, for whoever makes another in its place. */
export type Taken =
  | { readonly kind: 'kept'; readonly how: 'STALE' | 'REVALIDATED' }
  | { readonly kind: 'unwanted'; readonly outcome: Unwanted }
  | { readonly kind: 'intercepted'; readonly fields: UpstreamFields }
  | { readonly kind: 'redirected'; readonly to: string; readonly fields: UpstreamFields }
  | { readonly kind: 'asked' }

/**
 * Whether a worker's answer is for its client at all. Also where a page is being made already: it is not for what the app
 * says.
 * @returns null: it is; else why it is not
 */
export function takenBy(
  { caching, gateway }: Pick<PlaceRules, 'caching' | 'gateway'>,
  { settings: { interceptErrors, errorPages } }: Visit,
  fields: UpstreamFields,
  status: number,
): Taken | null {
  // Before anything else that the app says is looked at (ngx_http_upstream_process_header).
  if (status >= 300 && interceptErrors && errorPages.some(({ codes }) => codes.includes(status))) {
    caching?.noteError(status)
    return { kind: 'intercepted', fields }
  }
  const { accelRedirect: to } = fields
  if (to !== null) return { kind: 'redirected', to, fields }
  return gateway?.isMiss(status) === true ? { kind: 'intercepted', fields } : null
}

/**
 * A request that failed: what its cache has all the same, or the status that the file's error pages are written for. Those
 * are nginx's: a refused connection is a 502 there, and one that did not come about in time a 504.
 * @returns null: there is nobody to answer any more, or an answer has begun
 */
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
  // Of what is no app nothing is said to the client: the app is asked in its place.
  const isStore = visit.settings.pass?.family === 'memcached'
  const isSaid = failure.kind.retryLater && !isStore
  const fields: [string, string][] = isSaid
    ? [['Retry-After', String(failure.retryAfter ?? RETRY_AFTER_S)]]
    : []
  const ours = failure.code !== 'upstream_down' ? status : timedOut ? 504 : 502
  if (ours === 502 || ours === 504) caching?.noteError(ours)
  return { kind: 'status', status: ours, fields, detail: failure.message }
}

/** An answer that was not delivered, as `taken` says why. */
export function elsewhere(visit: Visit, { taken, caching }: PlaceRules, answer: ResponseHead): Outcome {
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

/** What one place says to another: a head. */
export function headOnly({ status, headers }: ResponseHead): Outcome {
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
