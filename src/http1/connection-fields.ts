// What the fields of this hop say: whether the connection lasts, what is expected before the body, whether
// another protocol is asked for, and which fields must not travel further. Decides nothing about policy.

import type { HeaderList } from './headers.ts'
import { ProtocolError, quoteBytes } from './protocol-error.ts'
import type { RequestHead } from './request-head.ts'

/**
 * Whether the client lets its connection be used again (RFC 9112 §9.3): in HTTP/1.1 unless it says `close`, in
 * HTTP/1.0 only when it says `keep-alive`. `close` wins over anything beside it.
 */
export function keepsAlive(head: RequestHead): boolean {
  const { headers, minor } = head
  const at = headers.lower.indexOf('connection')
  if (at === -1) return minor === 1
  const value = headers.values[at]!
  if (headers.lower.indexOf('connection', at + 1) === -1) {
    // Nearly all clients write one of these.
    if (value === 'keep-alive' || value === 'Keep-Alive') return true
    if (value === 'close') return false
  }
  const options = headers.tokens('connection')
  return !options.includes('close') && (minor === 1 || options.includes('keep-alive'))
}

/**
 * Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). Expect is ignored in
 * HTTP/1.0. Throws a ProtocolError `expectation_failed` for any other expectation. A request without a body
 * may still say so; then there is nothing to ask for.
 */
export function expectsContinue(head: RequestHead): boolean {
  if (head.minor === 0 || !head.headers.has('expect')) return false
  const expectations = head.headers.tokens('expect')
  for (const expectation of expectations) {
    if (expectation !== '100-continue') {
      throw new ProtocolError('expectation_failed', `the expectation ${quoteBytes(expectation)}`)
    }
  }
  return expectations.length > 0
}

/** Whether the request may take the upgrade lane, by whatever rules: GET in HTTP/1.1 with an `Upgrade`. */
export function namesProtocol({ method, minor, headers }: RequestHead): boolean {
  return method === 'GET' && minor === 1 && headers.has('upgrade')
}

/**
 * Whether it asks for a WebSocket (RFC 6455 §4.1), with `Connection: upgrade`, without which an Upgrade says nothing
 * (RFC 9110 §7.8).
 */
export function wantsWebSocket(head: RequestHead): boolean {
  const { headers } = head
  return (
    namesProtocol(head) &&
    headers.tokens('upgrade').includes('websocket') &&
    headers.tokens('connection').includes('upgrade')
  )
}

/**
 * Fields of one hop, in lower case, removed in both directions. RFC 9110 §7.6.1 names the first six. The proxy
 * authentication fields belong to a forward proxy (RFC 9110 §11.7), which this is not: an app that answered 407
 * through it would ask browsers for the password of a proxy they do not know; Go's ReverseProxy drops them too.
 * `Trailer` announces what only this hop's framing can carry; `HTTP2-Settings` goes with the h2c upgrade.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set(
  (
    'connection proxy-connection keep-alive te transfer-encoding upgrade ' +
    'trailer proxy-authenticate proxy-authorization http2-settings'
  ).split(' '),
)

/**
 * Fields that `Connection` cannot take away: the message means something else without them. A client could
 * otherwise hide from the app for which host it asks, how long the body is, who it is, or where it comes from
 * (RFC 9110 §7.6.1 forbids nominating what is meant for all recipients).
 */
const NOT_NOMINABLE = new Set(
  (
    'host content-length content-type content-encoding content-range authorization www-authenticate cookie ' +
    'set-cookie cache-control range vary location date forwarded x-forwarded-for x-forwarded-host ' +
    'x-forwarded-port x-forwarded-proto x-real-ip x-request-id cf-connecting-ip'
  ).split(' '),
)

/**
 * The fields, beyond HOP_BY_HOP, that `Connection` declares to be of this hop only; null in the usual case of
 * none. Names in lower case.
 */
export function nominatedFields(headers: HeaderList): ReadonlySet<string> | null {
  const at = headers.lower.indexOf('connection')
  if (at === -1) return null
  const value = headers.values[at]!
  const usual = value === 'close' || value === 'keep-alive' || value === 'Keep-Alive'
  if (usual && headers.lower.indexOf('connection', at + 1) === -1) return null
  let nominated: Set<string> | null = null
  for (const name of headers.tokens('connection')) {
    if (name === 'close' || HOP_BY_HOP.has(name) || NOT_NOMINABLE.has(name)) continue
    nominated ??= new Set()
    nominated.add(name)
  }
  return nominated
}
