// The head of an answer as CGI has it (RFC 3875 §6): fields, of which `Status` says how it went, or in its place a status
// line of HTTP's. Lines may end with LF alone, as scripts write them. How the body is framed stands here as well, as
// nginx has it for gateways: by its length, or by the end.

import { findBareHeadEnd, readBareHead, withCrlf } from '../http1/bare-lf.ts'
import { parseFields } from '../http1/fields.ts'
import type { Framing } from '../http1/framing.ts'
import { HeaderList } from '../http1/headers.ts'
import { badRequest, quoteBytes } from '../http1/protocol-error.ts'
import { parseResponseHead, type ResponseHead } from '../http1/response-head.ts'

const CR = 0x0d
const LF = 0x0a
const STATUS_LINE = 'HTTP/'

/**
 * The index after the empty line that ends the head, or -1 when it has not come.
 * @param scanned the buffer's length at the last call, 0 at the first
 * @throws ProtocolError where it can never become one
 */
export function findCgiHeadEnd(buf: Buffer, scanned: number): number {
  // A head of nothing: all of it is body.
  if (buf[0] === LF) return 1
  if (buf[0] === CR) return buf.length < 2 ? -1 : buf[1] === LF ? 2 : findBareHeadEnd(buf, 0, 0)
  return findBareHeadEnd(buf, 0, scanned)
}

/**
 * The head in `buf` up to `end`, which is what findCgiHeadEnd found.
 * @param statusLine whether it may begin with a status line, as uwsgi's and SCGI's answers may
 * @throws ProtocolError always `bad_request` or `head_too_large`
 */
export function readCgiHead(buf: Buffer, end: number, statusLine: boolean): ResponseHead {
  const lined = statusLine && buf.toString('latin1', 0, STATUS_LINE.length) === STATUS_LINE
  const head = lined ? readBareHead(buf, end, parseResponseHead) : readFields(buf, end)
  if (head.status === 101) throw badRequest('101 Switching Protocols, and only HTTP can be switched here')
  if (head.status < 200) throw badRequest(`an interim answer, ${head.status}, which gateways have none of`)
  return withoutCoding(head)
}

function readFields(buf: Buffer, end: number): ResponseHead {
  const headers = new HeaderList()
  const bytes = withCrlf(buf, 0, end)
  if (bytes.length > 2) parseFields(bytes, 0, bytes.length, bytes.toString('latin1'), 0, headers, 'join')
  const [status, reason] = statusOf(headers)
  return { minor: 1, status, reason, headers, bytes: end }
}

// ngx_http_uwsgi_process_header and its like: three digits, and the words behind them; a place to go to without a status
// is a redirect (RFC 3875 §6.2.3).
function statusOf(headers: HeaderList): [number, string] {
  const said = headers.get('status')
  if (said === undefined) return headers.has('location') ? [302, 'Moved Temporarily'] : [200, 'OK']
  const [, digits, reason] = /^([1-5]\d\d)(?!\d)[ \t]*(.*)$/s.exec(said) ?? []
  if (digits === undefined) throw badRequest(`upstream sent invalid status ${quoteBytes(said)}`)
  return [Number(digits), reason!]
}

// What the app says of a coding is not meant for this connection, which has none; nginx drops it as well.
function withoutCoding(head: ResponseHead): ResponseHead {
  const coding = head.headers.get('transfer-encoding')
  if (coding === undefined) return head
  if (head.headers.has('content-length'))
    throw badRequest('upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time')
  if (coding.toLowerCase() !== 'chunked' || head.headers.count('transfer-encoding') > 1)
    throw badRequest(`upstream sent unknown "Transfer-Encoding": ${quoteBytes(coding)}`)
  head.headers.delete('transfer-encoding')
  return head
}

/** How an answer to a request with that method ends. @throws ProtocolError where its length is none */
export function cgiFraming({ status, headers }: ResponseHead, method: string): Framing {
  const lengths = headers.all('content-length')
  if (lengths.length > 1) throw badRequest('upstream sent duplicate header line: "Content-Length"')
  const [length] = lengths
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw badRequest(`upstream sent invalid "Content-Length" header: ${quoteBytes(length)}`)
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' }
  return length === undefined ? { kind: 'close' } : { kind: 'length', length: Number(length) }
}
