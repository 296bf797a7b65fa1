// What every connection from the edge shares: the limits, the clock, and where requests go. Types only.

import type { Clock } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { Framing } from '../http1/framing.ts'
import type { RequestHead } from '../http1/request-head.ts'
import type { ByteStream, RawStream } from '../socket/byte-stream.ts'
import type { EdgeConnection } from './edge-connection.ts'
import type { Arrived } from './entrance.ts'

/** A connection as the listener hands it on. */
export interface Accepted {
  /** What is read and written; for TLS, in the clear. */
  readonly socket: ByteStream
  /** The kernel's own connection beneath it, for a reset. */
  readonly raw: RawStream
  /** The address at the other end, normalised; `unix:` on a Unix listener. */
  readonly peer: string
  readonly secure: boolean
  /** How it came to a site that a file describes; absent: there is none. */
  readonly arrived?: Arrived
}

/** How much, and how long, in bytes and milliseconds. */
export interface EdgeLimits {
  readonly maxHeader: number
  /** The longest line of it; absent: no limit of its own. */
  readonly maxHeaderLine?: number
  /** The longest request line; absent: as any other line. */
  readonly maxRequestLine?: number
  /** Whether lines of a head may end with LF alone; absent: they may not. */
  readonly bareLf?: boolean
  readonly keepaliveTimeout: number
  readonly headerTimeout: number
  readonly bodyTimeout: number
  readonly sendTimeout: number
}

/** What every connection of a listener shares. */
export interface EdgeHost {
  readonly limits: EdgeLimits
  readonly clock: Clock
  /** A whole head has come; the body, if any, is read when the pipeline asks for it. */
  serve(exchange: Exchange, head: RequestHead, framing: Framing, edge: EdgeConnection): void
  /** What came is not a request that can be served. */
  refuse(exchange: Exchange, failure: Failure, edge: EdgeConnection): void
  /** The connection has ended; called once, and once more where it was reopened. */
  closed(edge: EdgeConnection): void
  /** One that had ended, since its socket was somebody else's, has it back. */
  reopened(edge: EdgeConnection): void
}
