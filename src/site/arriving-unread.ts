// What has come to a site and could not be read as a request, as a visit all the same: its status has the pages and the logs
// that the file names for it. As much of it is taken for said as came before the fault.

import type { Failure, FailureCode } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import { isAuthority } from '../http1/authority.ts'
import { HeaderList } from '../http1/headers.ts'
import type { RequestHead } from '../http1/request-head.ts'
import type { EdgeConnection } from '../listen/edge-connection.ts'
import { type Arrival, arrive } from './arriving.ts'
import type { Site } from './site.ts'

/** nginx has a status of its own for a large head, which `error_page` may name. */
const OWN_STATUS: Readonly<Partial<Record<FailureCode, number>>> = { head_too_large: 494 }
/** A method that nginx does not allow, to wherever it is. */
const CONNECT = /^CONNECT [^ ]+ HTTP\/1\.[01]$/

/** The server that it is for is the one that a `Host` before the fault names, else the default server of where it came in. */
export function arriveUnread(
  house: House,
  site: Site,
  exchange: Exchange,
  failure: Failure,
  edge: EdgeConnection,
): Arrival {
  const [whole = '', ...fields] = edge.unreadLines
  const status = CONNECT.test(whole) ? 405 : (OWN_STATUS[failure.code] ?? failure.kind.status)
  const { maxHeaderLine: longest = edge.limits.maxHeader, maxRequestLine: first = longest } = edge.limits
  // nginx has a buffer full of it.
  const line = whole.slice(0, first)
  // Of a line that is too long nothing is known (ngx_http_process_request_line).
  const said = asked(status === 414 ? '' : line)
  const { headers, host } = saidBefore(said.method === '' || OF_THE_LINE.has(status) ? [] : fields, longest)
  const head = { ...said, headers, host, bytes: 0 }
  const { visit, request, refused } = arrive(house, site, exchange, head, { kind: 'none' }, edge)
  // It was not answered as one.
  exchange.healthCheck = false
  request.keepAlive = false
  visit.unreadLine = line
  return { visit, request, refused: refused === 421 && host !== '' ? refused : status }
}

// What the line says before something was wrong, as logs have it.
function asked(line: string): Pick<RequestHead, 'method' | 'target' | 'minor' | 'later' | 'path'> {
  const [, method = '', target = '', minor = '1'] =
    /^([A-Z_-]+) (\/[\x21-\x7e]*) HTTP\/1\.(\d)$/.exec(line) ?? []
  const said = { method, target, minor: minor === '0' ? 0 : 1, path: target } as const
  return minor <= '1' ? said : { ...said, later: `HTTP/1.${minor}` }
}

/** Of a body, or of this connection alone: of a request that was refused nothing more is read. */
const OF_THE_REST = new Set([
  ...['content-length', 'transfer-encoding', 'trailer', 'te', 'expect'],
  ...['connection', 'proxy-connection', 'keep-alive', 'upgrade', 'http2-settings'],
])

const CRLF = '\r\n'
/** A name, and a value that begins with no space: a line of spaces alone must not cost the square of their number. */
const FIELD = /^([\w!#$%&'*+.^`|~-]+):[ \t]*((?:[\x21-\x7e\x80-\xff][\t\x20-\x7e\x80-\xff]*)?)$/
/** What is wrong with the first line: no field had been looked at. */
const OF_THE_LINE = new Set([414, 505])

// By those that came before the one that was wrong, as far as it can be told (ngx_http_process_request_headers).
function saidBefore(lines: readonly string[], longest: number): { headers: HeaderList; host: string } {
  const headers = new HeaderList()
  let host = ''
  // The last one may go on.
  for (const line of lines.slice(0, -1)) {
    if (line.length + CRLF.length > longest) break
    const [, name = '', value = ''] = FIELD.exec(line) ?? []
    const lower = name.toLowerCase()
    if (name === '' || (lower === 'host' && !isAuthority(value))) break
    if (lower === 'host') host ||= value
    if (!OF_THE_REST.has(lower)) headers.add(name, value)
  }
  return { headers, host }
}
