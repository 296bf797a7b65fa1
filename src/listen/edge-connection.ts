// One connection from the edge: reads request heads from it one after another, hands each to the pipeline,
// feeds bodies to whoever asked for them, writes what it is told to write, and closes so that the client can
// read the last answer. It owns the socket and its deadlines; it knows no upstream, slot or queue, and decides
// nothing about what a request deserves.

import type { Duplex } from 'node:stream'
import type { Clock, Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import { Exchange, now } from '../exchange.ts'
import { BodyDecoder, type BodySink } from '../http1/body-decoder.ts'
import { type Framing, requestFraming } from '../http1/framing.ts'
import { findHeadEnd, headTooLarge, skipEmptyLine } from '../http1/head-end.ts'
import type { HeaderList } from '../http1/headers.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import { parseRequestHead, type RequestHead } from '../http1/request-head.ts'
import { Linger } from './linger.ts'

/** What every connection of a listener shares. */
export interface EdgeHost {
  readonly clock: Clock
  readonly maxHeader: number
  readonly keepaliveTimeout: number
  readonly headerTimeout: number
  readonly bodyTimeout: number
  readonly sendTimeout: number
  /** Set once the proxy stops: connections then close after the answer under way. */
  readonly draining: boolean
  /** A whole head has come; the body, if any, is read when the pipeline asks for it. */
  serve(exchange: Exchange, head: RequestHead, framing: Framing, edge: EdgeConnection): void
  /** What came is not a request that can be served. */
  refuse(exchange: Exchange, failure: Failure, edge: EdgeConnection): void
  /** The connection has ended; called once. */
  closed(edge: EdgeConnection): void
}

type State = 'idle' | 'head' | 'busy' | 'lingering' | 'closed'

/** Bytes of requests that wait their turn, at most; beyond it the socket is not read (see docs/decisions). */
const PIPELINE_BYTES = 64 * 1024
/** A body may not be slower than this on average, once `--body-timeout` has passed (bytes a second). */
const SLOWEST_BODY = 500
const EMPTY = Buffer.alloc(0)

export class EdgeConnection implements Timed, BodySink {
  deadline = 0
  readonly socket: Duplex
  /** The address at the other end, normalised; `unix:` for a Unix socket. */
  readonly peer: string
  readonly secure: boolean
  /** Whether the peer's forwarding headers are believed: the trust module's answer, asked once. */
  trusted: boolean | null = null
  /** Requests served so far, the one under way included. */
  served = 0
  /** Since when it has had no request, for choosing whom to close when connections run short. */
  idleSince: number
  state: State = 'idle'
  /** The client sent FIN: it may still read, but nothing more will come. */
  halfClosed = false
  /** Called once when bytes that were held back have all gone to the kernel. */
  onWritable: (() => void) | null = null

  readonly #host: EdgeHost
  #exchange: Exchange | null = null
  #pending: Buffer | null = null
  #scanned = 0
  #body: BodyDecoder | null = null
  #bodySink: BodySink | null = null
  #bodySince = 0
  #bodyBytes = 0
  #paused = false
  #flushing = false
  #queuedBefore = -1
  #linger: Linger | null = null

  constructor(host: EdgeHost, socket: Duplex, peer: string, secure: boolean) {
    this.#host = host
    this.socket = socket
    this.peer = peer
    this.secure = secure
    this.idleSince = now()
    host.clock.set(this, this.idleSince + host.headerTimeout)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('error', () => {})
    socket.on('close', () => this.#onClose())
  }

  // — reading

  #onData(chunk: Buffer): void {
    if (this.state === 'lingering') {
      this.#linger?.discard(chunk.length)
    } else if (this.state === 'busy') {
      if (this.#body !== null && this.#bodySink !== null) this.#feed(chunk)
      else this.#keep(chunk)
    } else if (this.state !== 'closed') {
      this.#keep(chunk)
      this.#readHead()
    }
  }

  #keep(chunk: Buffer): void {
    // A small view would pin the whole slab it was read into for as long as it waits.
    if (this.#pending === null) this.#pending = chunk
    else this.#pending = Buffer.concat([this.#pending, chunk])
    if (this.state === 'busy' && this.#pending.length >= PIPELINE_BYTES) this.pauseReading()
  }

  #readHead(): void {
    const { clock, headerTimeout, maxHeader } = this.#host
    let buffer = this.#pending
    if (buffer === null) return
    if (this.state === 'idle') {
      // RFC 9112 §2.2: one empty line before a request line is skipped.
      const start = skipEmptyLine(buffer, 0)
      if (start === buffer.length) {
        this.#pending = null
        return
      }
      if (start > 0) buffer = this.#pending = buffer.subarray(start)
      // A lone CR may be half of that line.
      if (buffer.length === 1 && buffer[0] === 0x0d) return
      this.state = 'head'
      this.#scanned = 0
      this.served++
      const at = now()
      this.#exchange = new Exchange(this.peer, at)
      // The first head's time runs from the accept, so that silence is not free (fine-points.md).
      if (this.served > 1) clock.set(this, at + headerTimeout)
    }
    const exchange = this.#exchange!
    try {
      const end = findHeadEnd(buffer, 0, this.#scanned)
      if (end === -1) {
        this.#scanned = buffer.length
        if (buffer.length > maxHeader) throw headTooLarge(buffer, 0)
        // Kept beyond this event: not as a view of a slab that is far larger.
        if (buffer.length < buffer.buffer.byteLength / 2) this.#pending = Buffer.from(buffer)
        return
      }
      exchange.bytesIn = end
      if (end > maxHeader) throw headTooLarge(buffer.subarray(0, maxHeader), 0)
      const head = parseRequestHead(buffer, 0, end)
      this.#pending = end === buffer.length ? null : buffer.subarray(end)
      this.#begin(exchange, head)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      exchange.bytesIn = buffer.length
      this.#refuse(new Failure(error.kind, error.detail))
    }
  }

  #begin(exchange: Exchange, head: RequestHead): void {
    const framing = requestFraming(head)
    this.state = 'busy'
    this.#host.clock.clear(this)
    this.#body = framing.kind === 'none' ? null : new BodyDecoder(framing, this)
    this.#host.serve(exchange, head, framing, this)
  }

  #refuse(failure: Failure): void {
    this.state = 'busy'
    this.#pending = null
    this.#body = null
    this.#host.clock.clear(this)
    this.#host.refuse(this.#exchange!, failure, this)
  }

  // — the body

  /** Whether every byte of the request has been read, so that another may follow on this connection. */
  get requestWhole(): boolean {
    return this.#body === null || this.#body.done
  }

  /** Begins to feed the request's body to the sink; a failure ends the exchange's wait. */
  readBody(sink: BodySink): void {
    this.#bodySink = sink
    this.#bodySince = now()
    this.#bodyBytes = 0
    this.#host.clock.set(this, this.#bodySince + this.#host.bodyTimeout)
    const chunk = this.#pending
    this.#pending = null
    // A body of no bytes ends at once, and so must be fed even when nothing is there.
    if (chunk !== null || this.requestWhole) this.#feed(chunk ?? EMPTY)
    if (this.#paused && this.#bodySink !== null) this.resumeReading()
  }

  /** Tells the client to send the body it holds back (RFC 9110 §10.1.1). */
  sendContinue(): void {
    if (this.#pending === null) this.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /** The decoder's; the sink behind it may go while a body is under way. */
  data(chunk: Buffer): void {
    this.#bodySink?.data(chunk)
  }

  /** The decoder's. */
  end(trailers: HeaderList | null): void {
    const sink = this.#bodySink
    this.#bodySink = null
    if (!this.#flushing) this.#host.clock.clear(this)
    sink?.end(trailers)
  }

  #feed(chunk: Buffer): void {
    const body = this.#body!
    const exchange = this.#exchange!
    const at = now()
    this.#host.clock.set(this, at + this.#host.bodyTimeout)
    try {
      const used = body.push(chunk, 0, chunk.length)
      exchange.bytesIn += used
      this.#bodyBytes += used
      if (used < chunk.length) this.#keep(Buffer.from(chunk.subarray(used)))
      if (this.#bodySink !== null) this.#checkPace(at)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#bodySink = null
      exchange.interrupt(new Failure(error.kind, error.detail))
    }
  }

  // A byte now and then keeps no body alive for ever.
  #checkPace(at: number): void {
    const elapsed = at - this.#bodySince
    if (elapsed < this.#host.bodyTimeout || this.#bodyBytes >= (elapsed / 1000) * SLOWEST_BODY) return
    this.#bodySink = null
    const pace = `${this.#bodyBytes} bytes of the body came in ${Math.round(elapsed)} ms`
    this.#exchange?.interrupt(new Failure('request_timeout', pace))
  }

  /** Reads no further until told to: what comes stays in the kernel. */
  pauseReading(): void {
    if (this.#paused) return
    this.#paused = true
    if (this.#bodySink !== null) this.#host.clock.clear(this)
    this.socket.pause()
  }

  resumeReading(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#bodySink !== null) this.#host.clock.set(this, now() + this.#host.bodyTimeout)
    this.socket.resume()
  }

  // — writing

  /**
   * Sends bytes, which must not change afterwards. Returns false when the client does not keep up: then write
   * no more until `onWritable`.
   */
  write(bytes: Buffer | string): boolean {
    if (this.state === 'closed' || this.socket.destroyed) return true
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1')
    else this.socket.write(bytes)
    this.#exchange!.bytesOut += bytes.length
    if (this.socket.writableLength === 0) return true
    this.#awaitFlush()
    return false
  }

  /** Whether all that was written has gone to the kernel. */
  get flushed(): boolean {
    return this.socket.writableLength === 0 || this.socket.destroyed
  }

  #awaitFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#queuedBefore = this.socket.writableLength
    this.#host.clock.set(this, now() + this.#host.sendTimeout)
    // An empty write is called back when everything before it has gone; `drain` would not come for few bytes.
    this.socket.write(EMPTY, () => {
      this.#flushing = false
      if (this.state !== 'busy') return
      if (this.#bodySink === null) this.#host.clock.clear(this)
      const wake = this.onWritable
      this.onWritable = null
      wake?.()
    })
  }

  // What still waits, in our process: libuv's queue shrinks while one large write is under way, the stream's
  // own count only when it is done.
  #queued(): number {
    const handle = (this.socket as { _handle?: { writeQueueSize?: number } })._handle
    return this.socket.writableLength + (handle?.writeQueueSize ?? 0)
  }

  // — the end of a request, of the connection

  /** The answer is complete and flushed, or will not be: on to the next request, or close. */
  finish(keepAlive: boolean): void {
    if (this.state === 'closed') return
    this.#exchange = null
    this.#bodySink = null
    this.onWritable = null
    const whole = this.requestWhole
    this.#body = null
    const { clock, draining, keepaliveTimeout } = this.#host
    if (!keepAlive || draining || !whole || (this.halfClosed && this.#pending === null)) {
      this.close()
      return
    }
    this.state = 'idle'
    this.idleSince = now()
    clock.set(this, this.idleSince + keepaliveTimeout)
    if (this.#paused) this.resumeReading()
    // Not from here: a long pipeline would nest one request in the other.
    if (this.#pending !== null) setImmediate(() => this.state === 'idle' && this.#readHead())
  }

  /** FIN, then reading and discarding for a while, so that the client can read what was sent. */
  close(): void {
    if (this.state === 'closed' || this.state === 'lingering') return
    this.state = 'lingering'
    this.#pending = null
    this.#linger = new Linger(this.#host.clock, this.socket)
    this.#host.clock.clear(this)
    if (this.halfClosed) this.socket.end(() => this.socket.destroy())
    else this.socket.end()
    if (this.#paused) this.socket.resume()
  }

  /** Cuts the connection in the middle of an answer: the client must not take it for whole. */
  cut(reset = false): void {
    const socket = this.socket as Duplex & { resetAndDestroy?: () => void }
    if (reset && socket.resetAndDestroy !== undefined) socket.resetAndDestroy()
    else socket.destroy()
  }

  /** Hands the socket over to somebody else (the upgrade lane): this connection is no longer its owner. */
  release(): Buffer | null {
    const rest = this.#pending
    this.#pending = null
    this.state = 'closed'
    this.#host.clock.clear(this)
    for (const event of ['data', 'end', 'close', 'error']) this.socket.removeAllListeners(event)
    this.#host.closed(this)
    return rest
  }

  // — what happens to it

  #onEnd(): void {
    this.halfClosed = true
    if (this.state === 'lingering' || this.state === 'idle' || this.state === 'head') {
      if (this.state === 'head') this.#abandonHead()
      this.socket.end(() => this.socket.destroy())
      return
    }
    const exchange = this.#exchange
    if (this.state !== 'busy' || exchange === null) return
    // Nothing tells a departure from a half-close: while no worker has the request it counts as the former.
    const waits = exchange.phase === 'receiving' || exchange.phase === 'queued' || exchange.phase === 'held'
    if (waits || (!this.requestWhole && this.#bodySink !== null)) {
      exchange.leave(
        new Failure('client_left', 'the client closed its side before its request was with a worker'),
      )
    }
  }

  #onClose(): void {
    if (this.state === 'closed') return
    const exchange = this.#exchange
    const wasHead = this.state === 'head'
    this.state = 'closed'
    this.#pending = null
    this.#linger?.stop()
    this.#host.clock.clear(this)
    if (exchange !== null && !wasHead) {
      exchange.leave(new Failure('client_left', 'the client closed the connection'))
    }
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
    this.#host.closed(this)
  }

  #abandonHead(): void {
    const exchange = this.#exchange!
    exchange.clientPresent = false
    exchange.bytesIn = this.#pending?.length ?? 0
    this.#refuse(
      new Failure('client_left', 'the client closed the connection in the middle of a request head'),
    )
  }

  expired(at: number): void {
    if (this.state === 'idle') {
      // A first request that never came, or a keep-alive connection that idled out: nothing to answer.
      this.close()
    } else if (this.state === 'head') {
      this.#refuse(
        new Failure('request_timeout', `the head was not whole after ${this.#host.headerTimeout} ms`),
      )
    } else if (this.#flushing) {
      this.#checkProgress(at)
    } else if (this.#bodySink !== null) {
      this.#bodySink = null
      this.#exchange?.interrupt(
        new Failure('request_timeout', `no byte of the body came for ${this.#host.bodyTimeout} ms`),
      )
    }
  }

  #checkProgress(at: number): void {
    const queued = this.#queued()
    if (queued !== this.#queuedBefore) {
      this.#queuedBefore = queued
      this.#host.clock.set(this, at + this.#host.sendTimeout)
      return
    }
    const exchange = this.#exchange
    exchange?.leave(
      new Failure(
        'send_timeout',
        `the client read nothing for ${this.#host.sendTimeout} ms; ${queued} bytes wait`,
      ),
    )
    this.cut(true)
  }
}
