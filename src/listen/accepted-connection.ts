// What is known of a connection from the edge whatever is asked on it: who is at the other end, how it came in, which
// limits it has; and how it is cut off. Reads and writes nothing.

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { now } from '../clock.ts'
import { asStream, type ByteStream, type RawStream, unhear } from '../socket/byte-stream.ts'
import { resetSocket } from '../socket/reset.ts'
import type { ConnectionFacts } from '../visit.ts'
import type { Accepted, EdgeLimits } from './edge-host.ts'
import type { Arrived } from './entrance.ts'

/** Connections of this thread so far. */
let count = 0

export class AcceptedConnection {
  /** What is read and written; another one once it was released. */
  socket: ByteStream
  /** The kernel's own connection beneath it. */
  raw: RawStream
  /** The address at the other end, normalised; `unix:` for a Unix socket. */
  readonly peer: string
  readonly secure: boolean
  /** How it came to a site; null: there is none. */
  readonly arrived: Arrived | null
  /** Of the request under way; until it says which place it is for, those of its listener. */
  limits: EdgeLimits
  /** Counts connections from 1. */
  readonly number = ++count
  /** Whether the peer's forwarding headers are believed: the trust module's answer, asked once. */
  trusted: boolean | null = null
  readonly acceptedAt = now()
  /** The request under way was here before the answer to the one before it had ended. */
  pipelined = false
  /** Requests read so far, the one under way included. */
  served = 0
  /** The lines of what could not be read as a request; nothing was refused: none. */
  unreadLines: readonly string[] = []
  /** Its socket was released to somebody and came back: it is not released again. */
  reclaimed = false
  readonly #usual: EdgeLimits
  #facts: ConnectionFacts | null = null

  constructor({ socket, raw, peer, secure, arrived }: Accepted, limits: EdgeLimits) {
    this.socket = socket
    this.raw = raw
    this.peer = peer
    this.secure = secure
    this.arrived = arrived ?? null
    this.#usual = limits
    this.limits = this.#between
  }

  /** What holds between requests: what a reload may have changed. */
  get #between(): EdgeLimits {
    return this.arrived?.entrance.limits ?? this.#usual
  }

  /** What the place that a request is for says of its pace; null: it is over. */
  during(pace: Pick<EdgeLimits, 'bodyTimeout' | 'sendTimeout'> | null): void {
    const usual = this.#between
    if (pace === null) this.limits = usual
    else if (pace.bodyTimeout !== this.limits.bodyTimeout || pace.sendTimeout !== this.limits.sendTimeout)
      this.limits = { ...usual, bodyTimeout: pace.bodyTimeout, sendTimeout: pace.sendTimeout }
  }

  /** It is nobody's from now on, and a stream of Node's, whatever it was. */
  protected becomeStream(): Duplex {
    unhear(this.socket)
    const stream = asStream(this.socket)
    if (this.raw === this.socket) this.raw = stream as Socket
    this.socket = stream
    return stream
  }

  /** Cuts the connection in the middle of an answer: the client must not take it for whole. */
  cut(reset = false): void {
    if (reset) resetSocket(this.raw)
    this.socket.destroy()
  }

  /** The place in `SiteConfig.listens` that it came in by. */
  get listen(): number {
    return this.arrived!.entrance.place
  }

  /** Nobody listens any more where it came in. */
  get stranded(): boolean {
    return this.arrived?.entrance.closed === true
  }

  /** What a site may ask of it. */
  facts(): ConnectionFacts {
    this.#facts ??= this.arrived!.entrance.facts(this, this.arrived!)
    return this.#facts
  }
}
