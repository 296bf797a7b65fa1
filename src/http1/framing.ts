// How the body of a message is delimited: RFC 9112 §6.3, step by step, with every ambiguity refused instead of
// resolved. Knows no bytes: those are the decoder's.

import { wantsWebSocket } from './connection-fields.ts'
import type { HeaderList } from './headers.ts'
import { badRequest, ProtocolError, quoteBytes } from './protocol-error.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

// Asked together with the framing, by the same callers.
export { expectsContinue, keepsAlive } from './connection-fields.ts'

/** `length` counts bytes; `close` ends with the connection and occurs in answers only. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

const NONE: Framing = Object.freeze({ kind: 'none' })
const EMPTY: Framing = Object.freeze({ kind: 'length', length: 0 })
const CHUNKED: Framing = Object.freeze({ kind: 'chunked' })
const CLOSE: Framing = Object.freeze({ kind: 'close' })

/** Transfer codings that exist (RFC 9112 §7.2) and are not supported here. */
const KNOWN_CODINGS = new Set(['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress'])

/**
 * The framing of a request's body. `none`: neither Content-Length nor Transfer-Encoding; an announced length of 0
 * stays a length, since workers may want to see it (RFC 9110 §8.6). Throws a ProtocolError.
 */
export function requestFraming(head: RequestHead): Framing {
  const framing = announced(head.headers, head.minor, 'request')
  // Step 7: a request that announces nothing has no body.
  if (framing === null) return NONE
  // RFC 9110 §7.8 allows a body before the switch, but no browser sends one, and where it ends is where two
  // readers of this connection could disagree. Other upgrades are not taken, so their body is no danger.
  if (framing !== EMPTY && wantsWebSocket(head)) throw badRequest('a WebSocket upgrade with a body')
  return framing
}

/**
 * The framing of an answer to a request with that method. Throws a ProtocolError, always `bad_request`: the fault
 * is the worker's. Content-Length of an answer without a body (HEAD, 304) is for the caller to pass on.
 */
export function responseFraming(head: ResponseHead, requestMethod: string): Framing {
  // Checked first, so that a contradiction is an offence in an answer without a body as well.
  const framing = announced(head.headers, head.minor, 'answer')
  const { status } = head
  // Step 1: HEAD, 1xx, 204 and 304 end with the head, whatever they announce.
  if (requestMethod === 'HEAD' || status < 200 || status === 204 || status === 304) return NONE
  // Step 2, CONNECT, cannot occur. Step 8: all else that announces nothing ends with the connection.
  return framing ?? CLOSE
}

// Steps 3 to 6, which are those of requests and answers alike; null when neither field is there.
function announced(headers: HeaderList, minor: 0 | 1, what: 'request' | 'answer'): Framing | null {
  const { lower, values } = headers
  const lengthAt = lower.indexOf('content-length')
  const codingAt = lower.indexOf('transfer-encoding')
  if (codingAt !== -1) {
    // Step 3: both fields may be a smuggling attempt and ought to be handled as an error.
    if (lengthAt !== -1) throw badRequest('both Content-Length and Transfer-Encoding')
    // RFC 9112 §6.1: in HTTP/1.0 the framing is to be treated as faulty.
    if (minor === 0) throw badRequest('Transfer-Encoding in HTTP/1.0')
    // Step 4: chunked as the one and only coding, named once.
    if (lower.indexOf('transfer-encoding', codingAt + 1) === -1 && isChunked(values[codingAt]!))
      return CHUNKED
    throw badCoding(headers, what)
  }
  if (lengthAt === -1) return null
  // Step 5: a list of equal lengths may be accepted there; it is not here.
  if (lower.indexOf('content-length', lengthAt + 1) !== -1) throw badRequest('more than one Content-Length')
  // Step 6.
  const length = contentLength(values[lengthAt]!)
  return length === 0 ? EMPTY : { kind: 'length', length }
}

// RFC 9112 §7: names of codings are case-insensitive.
function isChunked(value: string): boolean {
  return value === 'chunked' || (value.length === 7 && value.toLowerCase() === 'chunked')
}

// RFC 9110 §8.6: 1*DIGIT. Counted by hand: Number() would take a sign, a fraction, an exponent or nothing.
function contentLength(value: string): number {
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) throw badRequest(`the Content-Length ${quoteBytes(value)}`)
    length = length * 10 + digit
  }
  // Sixteen digits hold 2^53 - 1, the largest number that is still exact.
  if (value === '' || value.length > 16 || length > Number.MAX_SAFE_INTEGER) {
    throw badRequest(`the Content-Length ${quoteBytes(value)}`)
  }
  return length
}

// RFC 9112 §6.1: 501 for a coding that is not understood; here only for those that exist, in an order that could
// be right (chunked last, or not at all).
function badCoding(headers: HeaderList, what: 'request' | 'answer'): ProtocolError {
  const value = headers.all('transfer-encoding').join(', ')
  const detail = `the Transfer-Encoding ${quoteBytes(value)}`
  const codings = headers.tokens('transfer-encoding')
  if (codings.at(-1) === 'chunked') codings.pop()
  const known = codings.length > 0 && codings.every(coding => KNOWN_CODINGS.has(coding))
  return new ProtocolError(known && what === 'request' ? 'coding_not_supported' : 'bad_request', detail)
}
