// Reads the head of a worker's answer into its parts, or refuses it (RFC 9112 §4, §5): as strict as for
// requests, but for a missing reason phrase and the obsolete fold. How the body is framed is another file's.

import { CR, LF, SP, VALUE } from './characters.ts'
import { parseFields } from './fields.ts'
import { HeaderList } from './headers.ts'
import { badRequest, type ProtocolError, quoteBytes } from './protocol-error.ts'

export interface ResponseHead {
  readonly minor: 0 | 1
  /** 100 to 599. */
  readonly status: number
  /** As it came; often empty. */
  readonly reason: string
  readonly headers: HeaderList
  /** The length of the head in bytes. */
  readonly bytes: number
}

/**
 * Reads the head in `buf` from `start` to `end`, the latter from findResponseHeadEnd. Throws a ProtocolError,
 * always of the kind `bad_request` or `head_too_large`.
 */
export function parseResponseHead(buf: Buffer, start: number, end: number): ResponseHead {
  const text = buf.toString('latin1', start, end)
  // RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. Servers leave out the second
  // SP together with the phrase; that alone is tolerated.
  const minor = buf[start + 7]! - 0x30
  if (!text.startsWith('HTTP/1.') || !(minor >= 0 && minor <= 9) || buf[start + 8] !== SP)
    throw badLine(buf, start)
  const status = statusCode(buf, start + 9)
  if (status === -1) throw badLine(buf, start)
  let at = start + 12
  let reason = ''
  if (buf[at] === SP) {
    const reasonStart = ++at
    while (VALUE[buf[at]!] === 1) at++
    reason = text.slice(reasonStart - start, at - start)
  }
  if (buf[at] !== CR || buf[at + 1] !== LF) throw badLine(buf, start)

  const headers = new HeaderList()
  parseFields(buf, at + 2, end, text, start, headers, 'join')
  return { minor: minor === 0 ? 0 : 1, status, reason, headers, bytes: end - start }
}

// Three digits. RFC 9110 §15 lets a client treat 600 to 999 as 5xx; a proxy would have to guess their meaning.
function statusCode(buf: Buffer, at: number): number {
  const hundreds = buf[at]! - 0x30
  const tens = buf[at + 1]! - 0x30
  const ones = buf[at + 2]! - 0x30
  const valid = hundreds >= 1 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
  return valid ? hundreds * 100 + tens * 10 + ones : -1
}

function badLine(buf: Buffer, start: number): ProtocolError {
  const end = buf.indexOf(LF, start)
  return badRequest(`the status line ${quoteBytes(buf, start, end === -1 ? buf.length : end)}`)
}
