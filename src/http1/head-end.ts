// Finds where a head ends in bytes that arrive piece by piece, and refuses at once what can never become a head.
// Reads no field; what follows the head is never looked at.

import { CR, LF, TOKEN, VALUE } from './characters.ts'
import { badRequest, ProtocolError, quoteBytes } from './protocol-error.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
/** What every answer begins with. */
const ANSWER_START = 'HTTP/1.'
const TLS_HANDSHAKE = 0x16

/**
 * Skips one empty line before a request line (RFC 9112 §2.2). Returns `start` when there is none; a lone CR at
 * the end of the buffer may still become one.
 */
export function skipEmptyLine(buf: Buffer, start: number): number {
  return buf[start] === CR && buf[start + 1] === LF ? start + 2 : start
}

/**
 * The index just after the empty line that ends the request head which begins at `start`, or -1 when it has not
 * come. `scanned` is the buffer's length at the last call for this head (`start` at the first), so that a head
 * that comes byte by byte is read once. Throws a ProtocolError when an incomplete head holds a bare CR or LF or
 * another control character, or begins with no token: the client would wait for an answer in vain.
 */
export function findHeadEnd(buf: Buffer, start: number, scanned: number): number {
  // The end may straddle what was scanned before by three bytes.
  const at = buf.indexOf(HEAD_END, Math.max(scanned - 3, start))
  if (at !== -1) return at + 4
  refuseSpoilt(buf, start, scanned, false)
  return -1
}

/** The same for a worker's answer, which must begin with `HTTP/1.`. */
export function findResponseHeadEnd(buf: Buffer, start: number, scanned: number): number {
  if (scanned - start < ANSWER_START.length) {
    const have = Math.min(buf.length - start, ANSWER_START.length)
    for (let i = 0; i < have; i++) {
      if (buf[start + i] !== ANSWER_START.charCodeAt(i)) {
        throw badRequest(`the answer begins with ${quoteBytes(buf, start)}, not with HTTP/1.`)
      }
    }
  }
  return findHeadEnd(buf, start, scanned)
}

/**
 * Throws where what has come of a head from `scanned` on can never become one.
 * @param bareLf whether lines may end with LF alone
 */
export function refuseSpoilt(buf: Buffer, start: number, scanned: number, bareLf: boolean): void {
  const from = Math.max(scanned, start)
  if (from === start && start < buf.length && TOKEN[buf[start]!] === 0) {
    if (buf[start] === TLS_HANDSHAKE) throw badRequest('a TLS handshake on a plain connection')
    throw badRequest(`no HTTP message begins with ${quoteBytes(buf, start)}`)
  }
  for (let i = from; i < buf.length; i++) {
    const code = buf[i]!
    // A CR's LF may be yet to come; the next call begins with it.
    const afterCR = i > start && buf[i - 1] === CR
    if (code === LF) {
      if (!afterCR && !bareLf)
        throw badRequest(`a bare LF after ${quoteBytes(buf, Math.max(start, i - 20), i)}`)
    } else if (afterCR) {
      throw badRequest(`a bare CR after ${quoteBytes(buf, Math.max(start, i - 21), i - 1)}`)
    } else if (VALUE[code] === 0 && code !== CR) {
      throw badRequest(`a control character in the head: ${quoteBytes(buf, i, i + 1)}`)
    }
  }
}

/**
 * What a request head that is longer than the caller's limit amounts to; `buf` is what came, cut at the limit.
 * Without the end of the target within it the target alone is too long (414), else the fields are (431).
 */
export function headTooLarge(buf: Buffer, start: number): ProtocolError {
  const size = buf.length - start
  const line = buf.indexOf(LF, start)
  const end = line === -1 ? buf.length : line
  const methodEnd = buf.indexOf(0x20, start)
  const targetEnd = methodEnd === -1 || methodEnd >= end ? -1 : buf.indexOf(0x20, methodEnd + 1)
  if (line === -1 && targetEnd === -1) {
    return new ProtocolError('target_too_long', `the request line was not over after ${size} bytes`)
  }
  return new ProtocolError('head_too_large', `the head was not over after ${size} bytes`)
}

/**
 * Throws where a line of a whole head is longer than allowed, its CR LF included: the request line (414) or a field
 * (431). nginx's buffers for large heads hold a line each.
 * @param first what is allowed of the request line
 */
export function refuseLongLines(buf: Buffer, end: number, most: number, first = most): void {
  for (let start = 0, allowed = first; start === 0 || end - start > most; allowed = most) {
    const next = buf.indexOf(LF, start) + 1
    if (next - start > allowed) {
      const code = start === 0 ? 'target_too_long' : 'head_too_large'
      throw new ProtocolError(code, `a line of ${next - start} bytes, and ${allowed} are allowed`)
    }
    start = next
  }
}
