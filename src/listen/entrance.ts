// A place of a site to listen at, as its connections know it, and how one of them came in. Types only.

import type { ListenConfig } from '../config/nginx/site.ts'
import type { ConnectionFacts } from '../visit.ts'
import type { ClientHello } from './client-hello.ts'
import type { FactsOf } from './connection-facts.ts'
import type { EdgeLimits } from './edge-host.ts'
import type { Handshake } from './handshake-texts.ts'
import type { Proxied } from './proxy-header.ts'
import type { TlsTerms } from './tls-terms.ts'

/** Lives as long as its socket listens: a reload that keeps the socket gives it the new file's words. */
export interface Entrance {
  /** Its place in `SiteConfig.listens`. */
  place: number
  listen: ListenConfig
  /** What holds until a request says which server it is for: the default server's. */
  limits: EdgeLimits
  /** The terms of TLS for what a client asks; null: plain. It throws where the certificate is not there. */
  terms: ((handshake: Handshake) => TlsTerms) | null
  /** What is known of a connection that came in here. It is told by the entrance, as only sites ask and load it. */
  facts(edge: FactsOf, arrived: Arrived): ConnectionFacts
  /** Those that share its socket, by the address that their connections come to; null: none does. */
  guests: Map<string, Entrance> | null
  /** Nobody listens here any more: its connections end after the answer under way. */
  closed: boolean
}

/** How a connection came in. */
export interface Arrived {
  readonly entrance: Entrance
  /** What its PROXY protocol header said; null: it brought none, or one that says nothing. */
  readonly proxied: Proxied | null
  /** Null: it is plain. */
  readonly tls: ArrivedTls | null
}

export interface ArrivedTls {
  readonly hello: ClientHello
  /** Those of the server that the client asked for. */
  readonly terms: TlsTerms
}
