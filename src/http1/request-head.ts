// Reads a request head into its parts, or refuses it (RFC 9112 §3, §5). The strict choice everywhere, since
// nothing odd may reach a worker. Knows no policy; how the body is framed is another file's.

import { isAuthority } from './authority.ts'
import { CR, LF, SP, TARGET, TOKEN } from './characters.ts'
import { parseFields } from './fields.ts'
import { HeaderList } from './headers.ts'
import { badRequest, ProtocolError, quoteBytes } from './protocol-error.ts'

const SLASH = 0x2f
/** What can follow any request line. */
const HARMLESS = Buffer.from('Host: a\r\n\r\n')

export interface RequestHead {
  /** Any token, case as it came; never CONNECT. */
  readonly method: string
  /** As it came. */
  readonly target: string
  /** 1 also for the minor versions that do not exist yet (RFC 9110 §2.5). */
  readonly minor: 0 | 1
  /** The version as it came, where it is one of those; absent: it is what `minor` says. */
  readonly later?: string
  /** An absolute target's authority has already replaced the value of Host here. */
  readonly headers: HeaderList
  /** The authority in effect; empty only for an HTTP/1.0 request without Host. */
  readonly host: string
  /** What the worker is asked for: the origin form, or `*`. */
  readonly path: string
  /** The length of the head in bytes. */
  readonly bytes: number
}

/**
 * Reads the head in `buf` from `start` to `end`, the latter from findHeadEnd. Throws a ProtocolError that says
 * what is wrong.
 */
export function parseRequestHead(buf: Buffer, start: number, end: number): RequestHead {
  const text = buf.toString('latin1', start, end)

  const targetStart = methodEnd(buf, start) + 1
  const method = text.slice(0, targetStart - 1 - start)
  const targetStop = targetEnd(buf, start, targetStart)
  const target = text.slice(targetStart - start, targetStop - start)
  const minor = minorVersion(buf, targetStop + 1, text, start)
  if (method === 'CONNECT') refuseTunnel(target)

  const headers = new HeaderList()
  parseFields(buf, targetStop + 11, end, text, start, headers, 'refuse')

  let host = hostField(headers, minor)
  let path = target
  const authority = buf[targetStart] === SLASH ? '' : authorityIn(method, target)
  if (authority !== '') {
    path = pathAfter(target, authority, method)
    // RFC 9112 §3.2.2: a proxy MUST ignore the received Host and replace it with the target's.
    host = authority
    const received = headers.lower.indexOf('host')
    headers.set(received === -1 ? 'Host' : headers.names[received]!, host)
  }
  const head = { method, target, minor, headers, host, path, bytes: end - start }
  const digit = text[targetStop + 8 - start]!
  return digit <= '1' ? head : { ...head, later: `HTTP/1.${digit}` }
}

/** The version that the client said, as `HTTP/1.1`. */
export function protocolOf({ minor, later }: Pick<RequestHead, 'minor' | 'later'>): string {
  return later ?? `HTTP/1.${minor}`
}

/**
 * Throws the ProtocolError that a whole head with this request line would be refused with for the line's sake, so that
 * nobody waits for the rest of it. `end` is just after the line's CRLF.
 */
export function refuseBadRequestLine(buf: Buffer, start: number, end: number): void {
  const whole = Buffer.concat([buf.subarray(start, end), HARMLESS])
  parseRequestHead(whole, 0, whole.length)
}

// RFC 9112 §3: request-line = method SP request-target SP HTTP-version. Lenient parsing is allowed there, and
// is where request smuggling begins: exactly one SP it is.
function methodEnd(buf: Buffer, start: number): number {
  let at = start
  while (TOKEN[buf[at]!] === 1) at++
  if (at === start || buf[at] !== SP) throw badLine(buf, start, at, 'no method and space')
  return at
}

function targetEnd(buf: Buffer, start: number, targetStart: number): number {
  let at = targetStart
  while (TARGET[buf[at]!] === 1) at++
  if (at === targetStart || buf[at] !== SP) throw badTarget(buf, start, targetStart, at)
  return at
}

// A method that asks for a tunnel, and the one target that goes with it (RFC 9112 §3.2.3).
function refuseTunnel(target: string): never {
  if (!isAuthority(target) || !/:\d+$/.test(target)) throw badRequest(`CONNECT to ${quoteBytes(target)}`)
  throw new ProtocolError('tunnel_refused', 'CONNECT: this is no forward proxy')
}

// What a target that is no path names: an authority, or with `*` nothing.
function authorityIn(method: string, target: string): string {
  if (target !== '*') return absoluteAuthority(target)
  // RFC 9112 §3.2.4: the asterisk form belongs to OPTIONS.
  if (method !== 'OPTIONS') throw badRequest(`the target * with the method ${quoteBytes(method)}`)
  return ''
}

// RFC 9112 §2.3: HTTP-version = "HTTP/" DIGIT "." DIGIT, and the line ends after it.
function minorVersion(buf: Buffer, at: number, text: string, base: number): 0 | 1 {
  if (text.startsWith('HTTP/1.1\r\n', at - base)) return 1
  const major = buf[at + 5]! - 0x30
  const minor = buf[at + 7]! - 0x30
  const exact =
    text.startsWith('HTTP/', at - base) &&
    isDigit(major) &&
    buf[at + 6] === 0x2e &&
    isDigit(minor) &&
    buf[at + 8] === CR &&
    buf[at + 9] === LF
  // Nobody sends the version of HTTP/0.9; that is a broken client rather than an old one.
  if (!exact || major === 0) throw badLine(buf, base, at, 'no SP HTTP/1.x and CRLF after the target')
  if (major !== 1) throw new ProtocolError('version_not_supported', `the version is HTTP/${major}.${minor}`)
  return minor === 0 ? 0 : 1
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9
}

// RFC 9112 §3.2: exactly one valid Host in HTTP/1.1; HTTP/1.0 may leave it out or empty.
function hostField(headers: HeaderList, minor: 0 | 1): string {
  const { lower, values } = headers
  const at = lower.indexOf('host')
  if (at === -1) {
    if (minor === 0) return ''
    throw badRequest('no Host')
  }
  if (lower.indexOf('host', at + 1) !== -1) throw badRequest('more than one Host')
  const host = values[at]!
  if (host === '' && minor === 0) return ''
  if (!isAuthority(host)) throw badRequest(host === '' ? 'an empty Host' : `the Host ${quoteBytes(host)}`)
  return host
}

// RFC 9112 §3.2.2: absolute-form; of the schemes only the two that this proxy can stand for.
function absoluteAuthority(target: string): string {
  const scheme = /^https?:\/\//i.exec(target)
  if (scheme === null)
    throw badRequest(`a target that is neither a path nor an http URL: ${quoteBytes(target)}`)
  const start = scheme[0].length
  let end = start
  while (end < target.length && target[end] !== '/' && target[end] !== '?') end++
  const authority = target.slice(start, end)
  if (!isAuthority(authority)) throw badRequest(`the target's authority ${quoteBytes(authority)}`)
  return authority
}

// What is left of an absolute target in origin form (RFC 9112 §3.2.1).
function pathAfter(target: string, authority: string, method: string): string {
  const path = target.slice(target.indexOf('//') + 2 + authority.length)
  // RFC 9112 §3.2.4: OPTIONS with an empty path and no query asks about the server as a whole.
  if (path === '') return method === 'OPTIONS' ? '*' : '/'
  return path.startsWith('?') ? '/' + path : path
}

function badTarget(buf: Buffer, start: number, targetStart: number, at: number): ProtocolError {
  const code = buf[at]!
  if (code === SP) return badLine(buf, start, at, 'more than one space after the method')
  if (code === CR && buf[at + 1] === LF) return badLine(buf, start, at, 'no version (HTTP/0.9 is not served)')
  return badRequest(`a target with ${quoteBytes(buf, at, at + 1)} in it: ${quoteBytes(buf, targetStart, at)}`)
}

function badLine(buf: Buffer, start: number, from: number, what: string): ProtocolError {
  const end = buf.indexOf(CR, from)
  return badRequest(`${what} in the request line ${quoteBytes(buf, start, end === -1 ? from : end)}`)
}

/** A head as the lines that it came in, but for its end and the space around its values. */
export function linesOf(head: RequestHead): string[] {
  const { names, values } = head.headers
  return [
    `${head.method} ${head.target} ${protocolOf(head)}`,
    ...names.map((name, i) => `${name}: ${values[i]!}`),
    '',
  ]
}
