// A head that has come to a site, as a visit and a request in hand: which server it is for, its URI, whose it is.

import type { Settings } from '../config/nginx/settings.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import { hostOf } from '../http1/authority.ts'
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
