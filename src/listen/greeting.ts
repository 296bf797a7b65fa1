// What comes on a connection before HTTP and before TLS: the PROXY protocol's header, and the first message of a
// handshake, which says whose certificate is wanted. Owns the connection until then, within the time for a head; what is
// left unread stays in the socket for whoever comes next.

import { type Clock, now, type Timed } from '../clock.ts'
import { hear, type RawStream, unhear } from '../socket/byte-stream.ts'
import { owned } from '../socket/lent.ts'
import type { SocketOwner } from '../socket/plain-socket.ts'
import { type ClientHello, isTls, readClientHello } from './client-hello.ts'
import type { Entrance } from './entrance.ts'
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts'

export interface Greeted {
  readonly header: ProxyHeader | null
  /** Null: no TLS is meant. */
  readonly hello: ClientHello | null
}

export interface GreetingHost {
  readonly clock: Clock
  /** It is all there: the connection is somebody else's now. */
  greeted(greeting: Greeting, greeted: Greeted): void
  /** It has ended, or was cut; @param why for the log, null: the client just left */
  lost(greeting: Greeting, why: string | null): void
}

export class Greeting implements Timed, SocketOwner {
  deadline = 0
  place = -1
  readonly raw: RawStream
  readonly entrance: Entrance
  readonly since = now()
  readonly #host: GreetingHost
  #bytes: Buffer | null = null
  #header: ProxyHeader | null = null
  #ended = false

  constructor(raw: RawStream, entrance: Entrance, host: GreetingHost) {
    this.raw = raw
    this.entrance = entrance
    this.#host = host
    host.clock.set(this, this.since + entrance.limits.headerTimeout)
    hear(raw, this)
  }

  /** Closes it without a word. */
  cut(why: string | null = null): void {
    if (this.#ended) return
    this.#leave()
    this.raw.destroy()
    this.#host.lost(this, why)
  }

  expired(): void {
    this.cut()
  }

  /** The socket's. */
  ended(): void {
    this.cut()
  }

  /** The socket's. */
  closed(): void {
    this.cut()
  }

  /** The socket's. */
  received(chunk: Buffer): void {
    this.#bytes = this.#bytes === null ? owned(chunk) : Buffer.concat([this.#bytes, chunk])
    try {
      const greeted = this.#read()
      if (greeted !== null) this.#handOver(greeted)
    } catch (error) {
      this.cut((error as Error).message)
    }
  }

  #read(): Greeted | null {
    const { listen, terms } = this.entrance
    if (listen.proxyProtocol && this.#header === null) {
      this.#header = readProxyHeader(this.#bytes!)
      if (this.#header === null) return null
      this.#bytes = this.#bytes!.subarray(this.#header.length)
    }
    if (terms === null) return { header: this.#header, hello: null }
    const bytes = this.#bytes!
    if (bytes.length === 0) return null
    if (!isTls(bytes[0]!)) return { header: this.#header, hello: null }
    const hello = readClientHello(bytes)
    return hello === null ? null : { header: this.#header, hello }
  }

  #handOver(greeted: Greeted): void {
    this.#leave()
    if (this.#bytes!.length > 0) this.raw.unshift(this.#bytes!)
    this.#host.greeted(this, greeted)
  }

  #leave(): void {
    this.#ended = true
    this.#host.clock.clear(this)
    unhear(this.raw)
  }
}
