// The head that goes to the worker, and the only place that writes one: what of the client's fields is passed
// on, what is removed, what is set. Field order, case and repetition are kept. Knows no socket and no slot.

import type { Exchange } from '../exchange.ts'
import { isAuthority } from '../http1/authority.ts'
import { HOP_BY_HOP, nominatedFields } from '../http1/connection-fields.ts'
import type { Framing } from '../http1/framing.ts'
import type { RequestHead } from '../http1/request-head.ts'

/** What is known of where the request came from (the trust module's answer). */
export interface Origin {
  readonly trusted: boolean
  readonly client: string
  readonly proto: 'http' | 'https'
  /** X-Forwarded-Host and -Port count. */
  readonly hostBelieved: boolean
}

/**
 * Never passed on as they came: of this hop only (RFC 9110 §7.6.1), or set anew below. `proxy` would become
 * HTTP_PROXY in CGI-style environments; `expect` was answered here; the scheme's many other names could
 * contradict X-Forwarded-Proto, which gunicorn answers with 400 (its secure_scheme_headers setting).
 */
const REPLACED = new Set([
  ...HOP_BY_HOP,
  ...'expect proxy content-length host forwarded x-forwarded-for x-forwarded-proto'.split(' '),
  ...'x-forwarded-host x-forwarded-port x-real-ip x-request-id x-request-start'.split(' '),
  ...'x-forwarded-ssl x-forwarded-protocol x-forwarded-scheme x-url-scheme x-scheme front-end-https'.split(
    ' ',
  ),
])

const TIME_ORIGIN = performance.timeOrigin

/** Tell of the client or the edge, and are believed only from a trusted peer. */
const HEARSAY = new Set(
  [
    'cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 cf-visitor cf-ray cf-ipcountry true-client-ip x-client-ip',
    'x-cluster-client-ip fastly-client-ip fly-client-ip x-forwarded x-forwarded-by x-forwarded-prefix x-original-host',
    'x-original-forwarded-for x-envoy-external-address x-appengine-user-ip',
  ].flatMap(line => line.split(' ')),
)

/** Fields whose removal says that an untrusted peer tried to speak for somebody else. */
const CLAIMS = ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'cf-connecting-ip'] as const

/** Whether the peer sent forwarding headers that are dropped because it is not trusted. */
export function claimsDropped(head: RequestHead, origin: Origin): boolean {
  if (origin.trusted) return false
  for (const name of CLAIMS) if (head.headers.has(name)) return true
  return false
}

/** How the body travels to the worker: its length when known, chunked when it is streamed without one. */
export type BodyLength = number | 'chunked' | 'none'

/** The body's length as the client announced it, for a request that is streamed. */
export function announcedLength(framing: Framing): BodyLength {
  if (framing.kind === 'length') return framing.length
  return framing.kind === 'none' ? 'none' : 'chunked'
}

export interface WorkerHeadOptions {
  /** What stands in for a Host that an HTTP/1.0 client did not send. */
  readonly defaultHost: string
  /** `websocket`: the upgrade lane's own connection fields instead of `Connection: close`. */
  readonly upgrade?: boolean
}

/** The whole head as one latin1 string, ready to be written. */
export function workerHead(
  head: RequestHead,
  exchange: Exchange,
  origin: Origin,
  body: BodyLength,
  options: WorkerHeadOptions,
): string {
  const { names, lower, values, length } = head.headers
  const nominated = nominatedFields(head.headers)
  const hasHost = head.host !== ''
  const host = hasHost ? head.host : options.defaultHost
  let out = `${head.method} ${head.path} HTTP/1.1\r\n`
  let hostDone = false
  let lengthDone = typeof body !== 'number'
  if (!hasHost) {
    out += `Host: ${host}\r\n`
    hostDone = true
  }
  for (let i = 0; i < length; i++) {
    const name = lower[i]!
    // In their places, with the values that count.
    if (name === 'host' && !hostDone) {
      out += `${names[i]!}: ${host}\r\n`
      hostDone = true
    } else if (name === 'content-length' && !lengthDone) {
      out += `${names[i]!}: ${body}\r\n`
      lengthDone = true
    }
    if (REPLACED.has(name) || (!origin.trusted && HEARSAY.has(name))) continue
    if (nominated?.has(name)) continue
    // A_B and A-B are one name in a CGI-style environment: the second could forge the first.
    if (name.includes('_')) continue
    out += `${names[i]!}: ${values[i]!}\r\n`
  }
  if (!hostDone) out += `Host: ${host}\r\n`
  if (!lengthDone) out += `Content-Length: ${body}\r\n`
  else if (body === 'chunked') out += 'Transfer-Encoding: chunked\r\n'
  out += forwarding(head, exchange, origin)
  if (options.upgrade === true) return `${out}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  return `${out}Connection: close\r\n\r\n`
}

function forwarding(head: RequestHead, exchange: Exchange, origin: Origin): string {
  const { headers } = head
  const peer = exchange.peer === 'unix:' ? '' : exchange.peer
  const received = origin.trusted ? headers.joined('x-forwarded-for') : ''
  const chain = received === '' || peer === '' ? received + peer : `${received}, ${peer}`
  let out = chain === '' ? '' : `X-Forwarded-For: ${chain}\r\n`
  if (origin.client !== 'unix:') out += `X-Real-IP: ${origin.client}\r\n`
  out += `X-Forwarded-Proto: ${origin.proto}\r\n`
  // Apps build links from these two: only a whole authority will do, and none is made up for a client without Host.
  const named = origin.hostBelieved ? nearest(headers.get('x-forwarded-host')) : ''
  const host = isAuthority(named) ? named : head.host
  if (host !== '') out += `X-Forwarded-Host: ${host}\r\n`
  const stated = origin.hostBelieved ? nearest(headers.get('x-forwarded-port')) : ''
  const port = isPort(stated) ? stated : portOf(host) || (origin.proto === 'https' ? '443' : '80')
  const started = origin.trusted ? headers.get('x-request-start') : undefined
  const start =
    started !== undefined && /^(?:t=)?\d{1,20}(?:\.\d{1,9})?$/.test(started)
      ? started
      : requestStart(exchange)
  return `${out}X-Forwarded-Port: ${port}\r\nX-Request-Id: ${exchange.id}\r\nX-Request-Start: ${start}\r\n`
}

// Seconds with milliseconds, the form nginx users write as `t=${msec}` and that monitoring agents read.
function requestStart(exchange: Exchange): string {
  // By hand: toFixed() costs a microsecond, and numbers that never come again would fill V8's cache of their texts.
  const at = Math.round(TIME_ORIGIN + exchange.startedAt)
  const whole = Math.floor(at / 1000)
  if (whole !== startSecond) {
    startSecond = whole
    startText = `t=${whole}.`
  }
  const ms = at - whole * 1000
  return startText + (ms < 10 ? '00' : ms < 100 ? '0' : '') + ms
}

let startSecond = 0
let startText = ''

// Of a list the last member: what the nearest hop has added.
function nearest(value: string | undefined): string {
  return value === undefined ? '' : value.slice(value.lastIndexOf(',') + 1).trim()
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

function portOf(host: string): string {
  const colon = host.lastIndexOf(':')
  return colon === -1 || host.endsWith(']') ? '' : host.slice(colon + 1)
}
