// A head that has come to a site, as a visit and a request in hand: which server it is for, its URI, whose it is.

import type { Settings } from '../config/nginx/settings.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import { hostOf, isAuthority } from '../http1/authority.ts'
import { expectsContinue, keepsAlive } from '../http1/connection-fields.ts'
import type { Framing } from '../http1/framing.ts'
import { HeaderList } from '../http1/headers.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import type { RequestHead } from '../http1/request-head.ts'
import { normaliseTarget } from '../http1/uri.ts'
import type { EdgeConnection } from '../listen/edge-connection.ts'
import type { RequestInHand } from '../passing.ts'
import { noteHead } from '../pipeline.ts'
import { requestId } from '../request/request-id.ts'
import { repeatedField } from '../request/unique-fields.ts'
import { noteCaptures } from '../script/captures.ts'
import { Visit } from '../visit.ts'
import { isMisdirected } from './misdirected.ts'
import type { Site } from './site.ts'

export interface Arrival {
  readonly visit: Visit
  readonly request: RequestInHand
  /** The status of one that must not be served, whatever it asks for; null: it may be. */
  readonly refused: number | null
}

/** Also of one that must not be served: it has a visit to be refused in. */
export function arrive(
  house: House,
  site: Site,
  exchange: Exchange,
  head: RequestHead,
  framing: Framing,
  edge: EdgeConnection,
): Arrival {
  exchange.id = requestId(undefined)
  noteHead(house, exchange, head)
  const connection = edge.facts()
  // Where the line leads nowhere there is no host yet, and the name that the handshake said holds.
  const before = head.path === '' ? connection.handshakeServer : null
  const host = hostOf(head.host)
  const named = before === null ? site.serverFor(edge.listen, host) : { server: before, captures: null }
  const misdirected = before === null && isMisdirected(site, edge.listen, connection, host, named.server)
  // Of one that should not have come here the handshake's server says so.
  const { server, captures } = misdirected ? { server: connection.handshakeServer!, captures: null } : named
  const first = connection.handshakeServer ?? site.defaultServer(edge.listen)
  dropInvalid(head, first.settings, server.settings)
  // The target stands before the host (ngx_http_process_request_uri).
  const target = normaliseTarget(head.path, first.settings.mergeSlashes)
  if (target === null && head.path !== '') return arriveAstray(house, site, exchange, head, edge)
  const uri = target?.uri ?? ''
  // Nor is the host that it named the one that it is answered for.
  const read = misdirected ? { ...head, host: '' } : head
  const visit = new Visit({ site, exchange, head: read, connection, server, uri, args: target?.args ?? '' })
  if (captures !== null) noteCaptures(visit, captures)
  const expects = expectation(head)
  const refused = misdirected
    ? 421
    : isTooLarge(head, server.settings, edge)
      ? 494
      : refusal(head, expects, connection.refusal(server))
  const request: RequestInHand = {
    exchange,
    head,
    framing,
    origin: {
      trusted: false,
      client: connection.peer,
      proto: edge.secure ? 'https' : 'http',
      hostBelieved: false,
    },
    edge,
    rules: house.rules,
    expectsContinue: expects === true,
    keepAlive: refused === null && keepsAlive(head),
    spoolClient: house.isGateway(edge.peer) ? null : edge.peer,
    intake: null,
    deadline: null,
    handedOver: false,
  }
  return { visit, request, refused }
}

// More fields, or longer ones, than the server that is asked allows; the connection lets in what any of its servers would.
function isTooLarge(
  { headers: { length, names, values }, bytes }: RequestHead,
  { maxHeaders, maxHeader, maxHeaderLines }: Settings,
  { limits }: EdgeConnection,
): boolean {
  if (length > maxHeaders) return true
  if (limits.maxHeader === maxHeader && limits.maxHeaderLine === maxHeaderLines) return false
  // With colon, space and the end of the line.
  const isLong = (name: string, at: number) => name.length + values[at]!.length + 4 > maxHeaderLines
  return bytes > maxHeader || names.some(isLong)
}

// In nginx's order. Nobody is shown what others sent along the way (RFC 9110 §9.3.8), nor promised what is not known here
// (§10.1.1).
function refusal(
  { path, method, headers }: RequestHead,
  expects: boolean | 'unknown',
  ofConnection: ReturnType<Visit['connection']['refusal']>,
): number | null {
  if (path === '' || repeatedField(headers) !== null) return 400
  if (method === 'TRACE') return 405
  return ofConnection ?? (expects === 'unknown' ? 417 : null)
}

// A target that leads out of the site is refused before any field is read, in the default server
// (ngx_http_process_request_uri).
function arriveAstray(
  house: House,
  site: Site,
  exchange: Exchange,
  head: RequestHead,
  edge: EdgeConnection,
): Arrival {
  const line: RequestHead = { ...head, headers: new HeaderList(), host: '', path: '' }
  const arrival = arrive(house, site, exchange, line, { kind: 'none' }, edge)
  noteHead(house, exchange, head)
  return arrival
}

function expectation(head: RequestHead): boolean | 'unknown' {
  try {
    return expectsContinue(head)
  } catch (error) {
    if (error instanceof ProtocolError) return 'unknown'
    throw error
  }
}

/**
 * The same of what could not be read as a request: it is the server's that a `Host` before the fault names, else the
 * default server's of where it came in.
 */
export function arriveUnread(
  house: House,
  site: Site,
  exchange: Exchange,
  status: number,
  edge: EdgeConnection,
): Arrival {
  const [whole = '', ...fields] = edge.unreadLines
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

/** What nginx takes for a valid name (ngx_http_parse_header_line); others it drops without a word. */
const VALID = /^[a-z0-9-]+$/
const VALID_WITH_UNDERSCORE = /^[a-z0-9_-]+$/

/**
 * Fields are judged as the server has it that the request is for when they come (ngx_http_process_request_headers): those
 * before `Host` by the first's word, unless the target has named the host.
 */
function dropInvalid({ headers, target, path }: RequestHead, first: Settings, named: Settings): void {
  let from = 0
  if (first !== named && target === path) {
    const at = headers.lower.indexOf('host')
    from = at === -1 ? headers.length : at
  }
  headers.keep((name, at) => {
    const { ignoreInvalidHeaders, underscoresInHeaders } = at < from ? first : named
    return !ignoreInvalidHeaders || (underscoresInHeaders ? VALID_WITH_UNDERSCORE : VALID).test(name)
  })
}
