// The record of one request on its way through a site that a file describes: the URI as it stands now, the place it has
// come to, what was set and captured, what is answered. Every room of the site reads it and writes its own part; it
// decides nothing and does no I/O.

import type { Settings } from './config/nginx/settings.ts'
import type { ErrorLevel, LocationConfig, Script, ServerConfig, SiteConfig } from './config/nginx/site.ts'
import type { Exchange } from './exchange.ts'
import type { Fetcher } from './fetcher.ts'
import type { HeaderList } from './http1/headers.ts'
import type { RequestHead } from './http1/request-head.ts'
import type { AnswerHead } from './outcome.ts'
import type { Slice, Sliced } from './slice.ts'

/** A text with variables, ready to be worked out. */
export interface Text {
  /** The whole text, where it holds no variable; else null. */
  readonly constant: string | null
  of(visit: Visit): string
}

/** Works a variable out; null: it has no value, which a log shows as a hyphen and a text as nothing. */
export type Variable = (visit: Visit) => string | null

/** What a visit may ask of the site it is in. */
export interface SiteFacts {
  readonly config: SiteConfig
  /** Compiled at its first use, and kept. */
  text(script: Script): Text
  /** By its name without the dollar sign, in any case. @throws Error with nginx's words where nobody knows it */
  variable(name: string): Variable
  /** Client connections now, for `$connections_…`; absent: nobody counts them. */
  connections?(): {
    readonly active: number
    readonly reading: number
    readonly writing: number
    readonly waiting: number
  }
  /** The error log: of where the visit is, or without one that of the whole site. */
  readonly logs: { error(level: ErrorLevel, message: string, visit: Visit | null): void }
}

/** The client's connection, as far as a site may ask. */
export interface ConnectionFacts {
  /** The address at the other end; `unix:` for a Unix socket. */
  readonly peer: string
  readonly peerPort: number
  readonly localAddress: string
  readonly localPort: number
  readonly secure: boolean
  /** Counts connections from 1. */
  readonly number: number
  /** Requests on it so far, this one included. */
  readonly requests: number
  /** When it was accepted, on the clock of `now()`; absent: not known. */
  readonly acceptedAt?: number
  /** The request was here before the answer to the one before it had ended. */
  readonly pipelined?: boolean
  /** What its PROXY protocol header said; null: it brought none. */
  readonly proxied: {
    readonly peer: string
    readonly peerPort: number
    readonly localAddress: string
    readonly localPort: number
    /** What version 2 says beside the addresses, as it came. */
    readonly extras?: Buffer
  } | null
  /** The server whose name the handshake said, else the first at the address; null: there was no handshake. */
  readonly handshakeServer: ServerConfig | null
  /** A variable of TLS by its name without `ssl_`, such as `protocol`; empty where there is none. */
  tls(name: string): string
  /** The status of a request to this server that must not be served by this connection; null: it may be. */
  refusal(server: ServerConfig): 495 | 496 | 497 | null
}

/** One try at an upstream, for `$upstream_…`; times in milliseconds, -1: not reached. */
export interface UpstreamTry {
  readonly address: string
  /** It is the first of another place, where an internal redirect led: nginx sets it off by a colon. */
  readonly apart?: boolean
  status: number
  connectMs: number
  headerMs: number
  responseMs: number
  bytesReceived: number
  bytesSent: number
  bodyBytes: number
}

/** As many jumps as nginx allows before it takes them for a cycle (NGX_HTTP_MAX_URI_CHANGES). */
export const MOST_JUMPS = 10

export class Visit {
  readonly site: SiteFacts
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly connection: ConnectionFacts
  /** The request that this one was made for; null: a client's own. */
  readonly parent: Visit | null

  method: string
  /** Decoded and normalised, as latin1 of its bytes. */
  uri: string
  /** What stands behind the question mark, undecoded. */
  args: string
  /** The target as it came, query included: `$request_uri`. */
  readonly unparsedUri: string
  /** The URI may go on as it came: nothing has changed it. */
  uriUnchanged = true
  /** Of fields, what counts: the request's own, until somebody changes them. */
  headers: HeaderList

  server: ServerConfig
  location: LocationConfig | null = null
  /** An alias, or the URI of an app, may take the place of the location's part: until a rewrite stayed where it was. */
  validLocation = true
  /** The URI that `try_files` found below the alias of a regular expression: as long as it is this, it is the rest. */
  belowAlias: string | null = null
  /** What holds now: the location's settings, or those of an `if` within it. */
  settings: Settings
  /** Only what was reached from within may enter an internal location. */
  internal = false
  jumpsLeft = MOST_JUMPS
  /** An error page is being made: another error goes without one, unless `recursive_error_pages`. */
  errorPage = false
  /** The status that the answer goes out with, whatever makes it; null: its own. */
  fixedStatus: number | null = null
  /** The body was too large for a place: what is sent of it is thrown away, and no place after it minds (discard_body). */
  bodyDropped = false
  /** What `Content-Length` said of a body that is not there any more: `$content_length`; null: it is still said. */
  lengthAnnounced: string | null = null
  /** Fields that an error brought along (`Retry-After`, `WWW-Authenticate`): they stay with whatever page it gets. */
  errorFields: (readonly [name: string, value: string])[] = []
  /** The charset of a type that an app gave for what is not there: what is served instead has it still; empty: none. */
  charsetLeft = ''
  /** What its answer is written in, for what is put into it; empty: nobody says. */
  charset = ''
  /** A client that takes gzip, or does not, might have had something else (`gzip_static`): `gzip_vary` tells of it. */
  varies = false

  /** $0 to $9 of the last regular expression that matched. */
  captures: readonly (string | undefined)[] = []
  /** Variables that were set: by `set`, by named captures, by `auth_request_set`; one set with those made from it. */
  readonly variables: Map<string, string>
  /** What `map` and the like worked out for this request; with those made from it, as nginx. */
  readonly computed: Map<string, string>
  /** The client's address where `real_ip_header` gave another; null: the connection's. Of the main visit only. */
  realClient: { readonly address: string; readonly port: string } | null = null
  /** Who the password was for. */
  remoteUser = ''
  /** Bytes a second, as last said by `limit_rate`, `set $limit_rate` or the app; null: as the settings say. */
  limitRate: number | null = null
  /** `PASSED`, `DELAYED`, `REJECTED`, as `$limit_req_status` and `$limit_conn_status` have it. */
  limitStatus = { requests: '', connections: '' }

  /** The first line of what could not be read as a request. */
  unreadLine = ''
  /** An error came up after which nginx closes, whatever page it has got. */
  closesAfter = false
  /** The client has had an answer to its end, whatever went wrong before. */
  answeredWhole = false
  /** Where the answer is stored as a file (`proxy_store`); empty: nowhere. */
  storedAt = ''
  /** What the client is answered, once that is known: filters may still change it. */
  answer: AnswerHead | null = null
  /** Whom its filters may ask for other places' bodies; null: nobody, as it was made for another one. */
  fetcher: Fetcher | null = null
  /** How pages want dates to be told, as they said themselves; null: as they are usually. */
  timeFormat: string | null = null
  /** Fields that follow the body, once they are made. */
  trailers: HeaderList | null = null
  /** Bytes of the answer's body that were sent, before chunking, after compression. */
  bodyBytesSent = 0
  /** Bytes before compression over bytes after it; 0: nothing was compressed. */
  gzipRatio = 0
  readonly tries: UpstreamTry[] = []
  /** Where it was passed on to last, as `proxy_pass` has it: `$proxy_host`; empty: nowhere. */
  proxyHost = ''
  /** What its cache had for it (`$upstream_cache_status`); empty: nobody asked one. */
  cacheStatus = ''
  /**
   * What comes may be kept for others: it is asked for as a whole, whatever the client has already. With what a cache
   * would like to know to be good still (`$upstream_cache_last_modified`, `$upstream_cache_etag`; null: nothing).
   */
  keeping: { readonly modified: string | null; readonly etag: string | null } | null = null
  /** The part that its app is asked for (`slice`); null: nobody has asked yet which, or all of it. */
  slice: Slice | null = null
  /** What its client gets is made of such parts; null: it is not. */
  sliced: Sliced | null = null
  /** The upstream's answer as it came; null: none did. */
  upstreamHead: { readonly status: number; readonly headers: HeaderList; readonly http?: boolean } | null =
    null
  /** Fields that came behind the upstream's answer; null: none did. */
  upstreamTrailers: HeaderList | null = null
  /** Bytes of the body, where it came without saying how many; null: not known. */
  bodySize: number | null = null
  /** The body where it has been taken in and is at hand (`$request_body`); null: not. */
  body: Buffer | null = null

  constructor(parts: {
    site: SiteFacts
    exchange: Exchange
    head: RequestHead
    connection: ConnectionFacts
    server: ServerConfig
    uri: string
    args: string
    parent?: Visit | null
  }) {
    this.site = parts.site
    this.exchange = parts.exchange
    this.head = parts.head
    this.connection = parts.connection
    this.parent = parts.parent ?? null
    this.variables = this.parent?.variables ?? new Map()
    this.computed = this.parent?.computed ?? new Map()
    this.method = parts.head.method
    this.uri = parts.uri
    this.args = parts.args
    this.unparsedUri = parts.head.path
    this.headers = parts.head.headers
    this.server = parts.server
    this.settings = parts.server.settings
  }

  /** The text with its variables' values of now. */
  text(script: Script): string {
    return this.site.text(script).of(this)
  }

  /** The client's request, however deep this one was made from it. */
  get main(): Visit {
    return this.parent?.main ?? this
  }

  /** The client's address: `$remote_addr`. */
  get client(): string {
    return this.main.realClient?.address ?? this.connection.peer
  }
}
