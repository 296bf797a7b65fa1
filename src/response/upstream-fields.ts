// An app's answer turned into the client's: what is hidden, what leads elsewhere, what speaks to the proxy and not to the
// client (ngx_http_upstream_process_headers). Filters come after it.

import type { Family } from '../config/nginx/modules/proxy.ts'
import type { Settings } from '../config/nginx/settings.ts'
import { nominatedFields } from '../http1/connection-fields.ts'
import type { Framing } from '../http1/framing.ts'
import { HeaderList } from '../http1/headers.ts'
import { parseHttpDate } from '../http1/http-date.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerHead } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { rewriteCookie } from './cookies.ts'
import { rewriteRedirect } from './redirects.ts'

type Field = readonly [name: string, value: string]

export interface UpstreamFields {
  readonly head: AnswerHead
  /** The URI or `@name` that is answered in its place (`X-Accel-Redirect`); null: it is answered itself. */
  readonly accelRedirect: string | null
  /** What the answer in its place takes over. */
  readonly kept: readonly Field[]
  /** What goes with an error page of ours in its place: whom a 401 wants to see. */
  readonly challenge: readonly Field[]
  /** Whether it is to be taken faster than the client takes it; null: it does not say. */
  readonly buffering: boolean | null
  /** Its Location was rewritten here; where that made it a path, nginx makes it absolute. */
  readonly relocated: boolean
}

/** What nginx hides unless it is told to pass it on: of every app, and beyond that of those that speak so. */
const HIDDEN = [
  'x-accel-expires',
  'x-accel-redirect',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
]
const HIDDEN_OF: Readonly<Record<Family, readonly string[]>> = {
  http: ['date', 'server', 'x-pad'],
  uwsgi: [],
  fastcgi: ['status'],
  scgi: ['status'],
  memcached: [],
}

/** What speaks of the connection to the app, or is told in another way. */
const OF_THE_OTHER_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

/** What an answer keeps that is given in place of another. */
const KEPT = new Set([
  'content-type',
  'set-cookie',
  'content-disposition',
  'cache-control',
  'expires',
  'accept-ranges',
])

/** Also notes the rate that it asks for. Its own head stays as it is. */
export function upstreamFields(visit: Visit, answer: ResponseHead, framing: Framing): UpstreamFields {
  const { settings } = visit
  const { names, lower, values, length } = answer.headers
  const hidden = hiddenBy(settings)
  const nominated = nominatedFields(answer.headers)
  const headers = new HeaderList()
  const kept: Field[] = []
  const challenge: Field[] = []
  let relocated = false
  for (let i = 0; i < length; i++) {
    const [name, field] = [names[i]!, lower[i]!]
    if (OF_THE_OTHER_HOP.has(field) || nominated?.has(field)) continue
    let value = values[i]!
    if (field === 'set-cookie') value = rewriteCookie(visit, value)
    if (KEPT.has(field) && (field !== 'content-type' || value !== '')) kept.push([name, value])
    if (field === 'www-authenticate' && answer.status === 401) challenge.push([name, value])
    if (hidden.has(field) || (field === 'accept-ranges' && settings.forceRanges)) continue
    if (field === 'location') {
      const rewritten = rewriteRedirect(visit, value)
      if (rewritten !== null) [value, relocated] = [rewritten, true]
    } else if (field === 'refresh') value = rewriteRefresh(visit, value)
    // Of several types the last one counts; one that is empty is none.
    if (field === 'content-type' && value === '') headers.delete(field)
    else if (field === 'content-type') headers.set(name, value)
    else headers.add(name, value, field)
  }
  const { status, reason } = answer
  const modified = headers.get('last-modified')
  const head: AnswerHead = {
    status,
    reason,
    headers,
    length: lengthOf(answer, framing),
    lastModified: modified === undefined ? null : parseHttpDate(modified),
    rangeable: settings.forceRanges,
    passedOn: true,
  }
  return { head, kept, challenge, relocated, ...asked(visit, answer.headers, head) }
}

// What the app says to the proxy, as far as it is listened to.
function asked(
  visit: Visit,
  headers: HeaderList,
  head: AnswerHead,
): Pick<UpstreamFields, 'accelRedirect' | 'buffering'> {
  const said = (field: string) =>
    visit.settings.ignoreFields.includes(field) ? undefined : headers.get(field)?.trim()
  const rate = said('x-accel-limit-rate')
  if (rate !== undefined && /^\d{1,15}$/.test(rate)) visit.limitRate = Number(rate)
  const charset = said('x-accel-charset')
  if (charset !== undefined) head.charset = charset
  const buffering = said('x-accel-buffering')?.toLowerCase()
  return {
    accelRedirect: said('x-accel-redirect') ?? null,
    buffering: buffering === 'yes' ? true : buffering === 'no' ? false : null,
  }
}

// `5; url=…`: only the address.
function rewriteRefresh(visit: Visit, value: string): string {
  const at = value.toLowerCase().indexOf('url=')
  return at === -1 ? value : (rewriteRedirect(visit, value, at + 'url='.length) ?? value)
}

// Bytes that it has, or, where its method or status left them out, would have; null: that is not said.
function lengthOf({ status, headers }: ResponseHead, framing: Framing): number | null {
  if (framing.kind === 'length') return framing.length
  if (framing.kind !== 'none' || status === 204 || headers.has('transfer-encoding')) return null
  const said = headers.get('content-length')
  return said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : null
}

const hiddenSets = new WeakMap<Settings, ReadonlySet<string>>()

function hiddenBy(settings: Settings): ReadonlySet<string> {
  let hidden = hiddenSets.get(settings)
  if (hidden === undefined) {
    const all = new Set([...HIDDEN, ...HIDDEN_OF[settings.pass?.family ?? 'http'], ...settings.hideFields])
    for (const field of settings.keepFields) all.delete(field)
    hidden = all
    hiddenSets.set(settings, hidden)
  }
  return hidden
}
