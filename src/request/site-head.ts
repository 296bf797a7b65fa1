// The head that goes to a worker from a place of a site, as its file says: what `proxy_set_header` sets first, then the
// client's own fields that nobody set (ngx_http_proxy_create_request). Of the shield's own there is only X-Request-Id,
// so that a worker's last request can be named. Knows no socket and no slot.

import type { FieldSetting } from '../config/nginx/modules/proxy.ts'
import type { Script } from '../config/nginx/site.ts'
import { HOP_BY_HOP, nominatedFields } from '../http1/connection-fields.ts'
import type { Visit } from '../visit.ts'
import type { BodyLength } from './worker-head.ts'

/** What is sent where the file says nothing of it, in this order; null: worked out below. */
const USUAL: readonly (readonly [name: string, text: string | null])[] = [
  ['Host', '$proxy_host'],
  ['Connection', 'close'],
]

/**
 * Never passed on as they came: of this hop only, set anew, or answered here. `proxy` would become HTTP_PROXY in
 * CGI-style environments.
 */
const WITHHELD = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy',
])

export interface SiteHeadOptions {
  /** The target, ready to be written. */
  readonly target: string
  readonly method: string
  readonly body: BodyLength
  /** For the upgrade lane. */
  readonly upgrade: boolean
}

/** What the fields of one place come to, worked out once. */
interface Plan {
  readonly set: readonly { readonly line: string; readonly value: Script }[]
  readonly names: ReadonlySet<string>
  /** `Content-Length ""`: the app is not told how long a body is, and takes none. */
  readonly bodiless: boolean
}

const plans = new WeakMap<readonly FieldSetting[], Plan>()

function planOf(fields: readonly FieldSetting[]): Plan {
  let plan = plans.get(fields)
  if (plan !== undefined) return plan
  const names = new Set(fields.map(({ name }) => name.toLowerCase()))
  const usual = USUAL.filter(([name]) => !names.has(name.toLowerCase()))
  const at = { file: '', line: 0 }
  plan = {
    set: [
      ...fields.map(({ name, value }) => ({ line: `${name}: `, value })),
      ...usual.map(([name, text]) => ({ line: `${name}: `, value: { text: text!, at } })),
    ],
    names,
    bodiless: fields.some(({ name, value }) => name.toLowerCase() === 'content-length' && value.text === ''),
  }
  plans.set(fields, plan)
  return plan
}

/** RFC 9110 §7.8: names of protocols, perhaps with versions. */
const PROTOCOLS = /^[!#$%&'*+.^`|~\w/-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^`|~\w/-]+)*$/
/** HTTP/2 is not spoken with apps, nor could it be with `HTTP2-Settings` left out. */
const HTTP2 = /\bh2c\b/i

/** The protocols to which the place passes an upgrade on: it sets `Upgrade`, and to something. Null: to none. */
export function passedUpgrade(visit: Visit): string | null {
  const field = visit.settings.passFields.find(({ name }) => name.toLowerCase() === 'upgrade')
  const text = field === undefined ? '' : visit.text(field.value)
  return PROTOCOLS.test(text) && !HTTP2.test(text) ? text : null
}

/** Whether the place keeps from the app how long a body is: it would be none to it, and is not sent. */
export function keepsLengthBack(visit: Visit): boolean {
  return planOf(visit.settings.passFields).bodiless
}

/** The whole head as one latin1 string. */
export function siteHead(visit: Visit, options: SiteHeadOptions): string {
  const { settings } = visit
  const { body, upgrade } = options
  const plan = planOf(settings.passFields)
  const version = upgrade ? '1.1' : settings.proxyVersion
  let out = `${options.method} ${options.target} HTTP/${version}\r\n`
  for (const { line, value } of plan.set) {
    const lower = line.slice(0, -2).toLowerCase()
    // How the body travels, and that this connection carries one request, is the shield's to say.
    if (FRAMING.has(lower)) continue
    const text = visit.text(value)
    if (text !== '') out += `${line}${cleaned(text)}\r\n`
  }
  out += framing(body)
  const protocol = upgrade ? passedUpgrade(visit) : null
  out += protocol === null ? 'Connection: close\r\n' : `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`
  if (visit.keeping !== null) {
    for (const [name, value] of conditionsOf(visit.keeping))
      if (!plan.names.has(name.toLowerCase())) out += `${name}: ${value}\r\n`
  }
  if (settings.passRequestHeaders) out += passedOn(visit, plan.names)
  const named =
    plan.names.has('x-request-id') || (settings.passRequestHeaders && visit.headers.has('x-request-id'))
  if (!named) out += `X-Request-Id: ${visit.exchange.id}\r\n`
  return `${out}\r\n`
}

/** Set here, whatever the file says: a connection carries one request, and its body has one length. */
const FRAMING = new Set([
  'connection',
  'upgrade',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'te',
  'expect',
])

function framing(body: BodyLength): string {
  if (body === 'none') return ''
  return body === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${body}\r\n`
}

/** What a client has of an answer already is its own: where that may be kept it is asked for as a whole. */
export const OF_A_PART: ReadonlySet<string> = new Set([
  'if-modified-since',
  'if-unmodified-since',
  'if-none-match',
  'if-match',
  'range',
  'if-range',
])

/** What the cache has of it already, in their place (ngx_http_proxy_cache_headers, and its like of the others). */
export function conditionsOf({
  modified,
  etag,
}: NonNullable<Visit['keeping']>): (readonly [name: string, value: string])[] {
  const found: [string, string][] = []
  if (modified !== null) found.push(['If-Modified-Since', modified])
  if (etag !== null) found.push(['If-None-Match', etag])
  return found
}

function passedOn(visit: Visit, set: ReadonlySet<string>): string {
  const { names, lower, values, length } = visit.headers
  const nominated = nominatedFields(visit.headers)
  let out = ''
  for (let i = 0; i < length; i++) {
    const name = lower[i]!
    if (set.has(name) || WITHHELD.has(name) || nominated?.has(name)) continue
    if (visit.keeping !== null && OF_A_PART.has(name)) continue
    out += `${names[i]!}: ${values[i]!}\r\n`
  }
  return out
}

// A variable may hold what a client sent, decoded: a line end in it would be a second field.
function cleaned(text: string): string {
  return /[\r\n\0]/.test(text) ? text.replace(/[\r\n\0]+/g, ' ') : text
}
