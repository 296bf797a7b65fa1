// What a site may ask of the client's connection: the two ends, what a proxy in front said, TLS. Everything is looked up
// when it is asked for first. Decides nothing but what a request must not come to by this connection.

import type { TLSSocket } from 'node:tls'
import type { ServerConfig } from '../config/nginx/site.ts'
import type { Connection } from '../socket/byte-stream.ts'
import type { ConnectionFacts } from '../visit.ts'
import type { Arrived } from './entrance.ts'
import { TlsFacts } from './tls-facts.ts'
import { normaliseAddress } from './trust.ts'

/** The connection itself, as far as it is asked. */
export interface FactsOf {
  readonly socket: unknown
  readonly raw: Connection
  readonly peer: string
  readonly number: number
  readonly served: number
  readonly acceptedAt: number
  readonly pipelined: boolean
}

export class EdgeFacts implements ConnectionFacts {
  readonly peer: string
  readonly number: number
  readonly secure: boolean
  readonly proxied: ConnectionFacts['proxied']
  readonly #edge: FactsOf
  readonly #arrived: Arrived
  readonly #tls: TlsFacts | null
  #local: { readonly address: string; readonly port: number } | null = null

  constructor(edge: FactsOf, arrived: Arrived) {
    this.#edge = edge
    this.#arrived = arrived
    this.peer = edge.peer
    this.number = edge.number
    this.secure = arrived.tls !== null
    this.proxied = arrived.proxied
    this.#tls = arrived.tls === null ? null : new TlsFacts(edge.socket as TLSSocket, arrived.tls)
  }

  get acceptedAt(): number {
    return this.#edge.acceptedAt
  }

  get pipelined(): boolean {
    return this.#edge.pipelined
  }

  get requests(): number {
    return this.#edge.served
  }

  get peerPort(): number {
    return this.#edge.raw.remotePort ?? 0
  }

  get localAddress(): string {
    return this.#place().address
  }

  get localPort(): number {
    return this.#place().port
  }

  // A socket that has closed does not know any more where it was.
  #place(): { readonly address: string; readonly port: number } {
    if (this.#local !== null) return this.#local
    const { address } = this.#arrived.entrance.listen
    const { localAddress, localPort = 0 } = this.#edge.raw
    this.#local =
      address.kind === 'unix'
        ? { address: `unix:${address.path}`, port: 0 }
        : localAddress === undefined
          ? { address: address.host, port: address.port }
          : { address: normaliseAddress(localAddress), port: localPort }
    return this.#local
  }

  get handshakeServer(): ServerConfig | null {
    return this.#arrived.tls?.terms.server ?? null
  }

  tls(name: string): string {
    return this.#tls?.value(name) ?? ''
  }

  /**
   * ngx_http_process_request: 497 plain HTTP came to a port of HTTPS, 495 a certificate is not valid, 496 there is none
   * though one is needed. Whose name the handshake said is not looked at.
   */
  refusal(server: ServerConfig): ReturnType<ConnectionFacts['refusal']> {
    if (this.#tls === null) return this.#arrived.entrance.terms === null ? null : 497
    return server.settings.tlsVerify === 'off' ? null : this.#tls.refusal(server.settings)
  }
}
