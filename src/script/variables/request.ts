// Variables of the request: what was asked for, by which words, and what it carries (ngx_http_core_module).

import { hostOf } from '../../http1/authority.ts'
import { basicCredentials } from '../../http1/basic-credentials.ts'
import { protocolOf } from '../../http1/request-head.ts'
import { rangeOf, sliceOf } from '../../slice.ts'
import type { Variable, Visit } from '../../visit.ts'
import { fieldValue } from './prefixes.ts'

export const requestVariables: Readonly<Record<string, Variable>> = {
  // Of what could not be read it is the first line, as it came.
  request: ({ main, head }) =>
    head.method === '' ? main.unreadLine || null : `${head.method} ${head.target} ${protocolOf(head)}`,
  request_method: ({ main }) => main.method || null,
  request_uri: ({ unparsedUri }) => unparsedUri || null,
  uri: uriOf,
  document_uri: uriOf,
  args: argsOf,
  query_string: argsOf,
  is_args: ({ args }) => (args === '' ? '' : '?'),
  server_protocol: protocolSaid,
  http2: () => '',
  http3: () => '',
  host: visit => hostOf(visit.head.host) || visit.server.name,
  request_port: ({ head }) => portOf(head.host),
  is_request_port: ({ head }) => (portOf(head.host) === '' ? '' : ':'),
  content_length: ({ main }) =>
    main.headers.get('content-length') ?? main.lengthAnnounced ?? bodyLength(main),
  content_type: ({ headers }) => fieldValue(headers, 'content-type'),
  slice_range: visit => {
    const slice = sliceOf(visit)
    return slice === null ? null : rangeOf(slice)
  },
  request_body: ({ main: { body } }) => body?.toString('latin1') ?? null,
  request_length: ({ exchange }) => String(exchange.bytesIn),
  request_time: ({ main }) => seconds(main.exchange.age()),
  request_id: visit => requestId(visit),
  remote_user: visit => visit.main.remoteUser || userOf(visit),
  limit_rate: ({ limitRate }) => String(limitRate ?? 0),
  limit_req_status: ({ main }) => main.limitStatus.requests || null,
  limit_conn_status: ({ main }) => main.limitStatus.connections || null,
}

// Of a line that could not be read it is empty from where a version begins (ngx_http_parse_request_line).
function protocolSaid({ main, head }: Visit): string | null {
  if (head.method !== '') return protocolOf(head)
  return /^[A-Z_-]+ (?:\/|[A-Za-z]+:\/\/)[^ ]* +H/.test(main.unreadLine) ? '' : null
}

// Where no line could be read there is none; one that leads out of the site leaves an empty one.
function uriOf({ uri, head }: Visit): string | null {
  return uri === '' && head.method === '' ? null : uri
}

// None where none came; those that a rewrite took away are empty.
function argsOf({ args, unparsedUri }: Visit): string | null {
  return args === '' && !/\?./.test(unparsedUri) ? null : args
}

/** The port that the client asked for, where it named one. */
function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? ''
}

/** Seconds with three digits behind the point, as nginx writes times. */
export function seconds(ms: number): string {
  return (Math.max(0, Math.trunc(ms)) / 1000).toFixed(3)
}

// Of one that came in chunks, once it has come.
function bodyLength({ body, bodySize, exchange: { bodyBytes } }: Visit): string | null {
  const size = body?.length ?? bodySize ?? (bodyBytes === -1 ? null : bodyBytes)
  return size === null ? null : String(size)
}

// One for the whole of a request. Where the edge has given it a name of another form, one of nginx's.
function requestId({ computed, main }: Visit): string {
  const known = computed.get('request_id')
  if (known !== undefined) return known
  const { id } = main.exchange
  const made = /^[\da-f]{32}$/.test(id) ? id : crypto.randomUUID().replaceAll('-', '')
  computed.set('request_id', made)
  return made
}

// Whoever it says, whether anybody checks it or not.
function userOf({ headers }: Visit): string | null {
  return basicCredentials(headers.get('authorization'))?.user ?? null
}
