// One connection from the edge: reads request heads from it one after another, hands each to the pipeline, writes what it
// is told to write, and closes so that the client can read the last answer. It owns the socket and the deadlines of heads
// and idle times; it knows no upstream, slot or queue, and decides nothing about what a request deserves.

import type { Duplex } from 'node:stream'
import { now, type Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import { Exchange } from '../exchange.ts'
import type { BodySink } from '../http1/body-decoder.ts'
import { requestFraming } from '../http1/framing.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import { linesOf, type RequestHead } from '../http1/request-head.ts'
import { hear } from '../socket/byte-stream.ts'
import { owned } from '../socket/lent.ts'
import type { SocketOwner } from '../socket/plain-socket.ts'
import { AcceptedConnection } from './accepted-connection.ts'
import type { Accepted, EdgeHost } from './edge-host.ts'
import { Inbox } from './inbox.ts'
import { Linger } from './linger.ts'
import { Outlet } from './outlet.ts'
import { RequestBody } from './request-body.ts'

/** `head`: one has begun to come; `busy`: a request is served; `lingering`: our FIN is sent, and what comes is thrown away. */
type State = 'idle' | 'head' | 'busy' | 'lingering' | 'closed'

/** Bytes of requests that wait their turn, at most; beyond it the socket is not read (docs/decisions). */
const PIPELINE_BYTES = 64 * 1024

export class EdgeConnection extends AcceptedConnection implements Timed, SocketOwner {
  deadline = 0
  place = -1
  /** Since when it has had no request. */
  idleSince: number
  state: State = 'idle'
  /** The client sent FIN: it may still read, but nothing more will come. */
  halfClosed = false
  /** What the client is sent goes through here. */
  readonly outlet: Outlet

  readonly #host: EdgeHost
  #exchange: Exchange | null = null
  readonly #inbox = new Inbox()
  #body: RequestBody | null = null
  #paused = false
  #linger: Linger | null = null

  constructor(host: EdgeHost, accepted: Accepted) {
    super(accepted, host.limits)
    this.#host = host
    this.outlet = new Outlet(host.clock, this)
    this.idleSince = now()
    host.clock.set(this, this.idleSince + this.limits.headerTimeout)
    hear(this.socket, this)
  }

  // — reading

  /** The socket's. */
  received(chunk: Buffer): void {
    if (this.state === 'lingering') {
      this.#linger?.discard(chunk.length)
    } else if (this.state === 'busy') {
      const body = this.#body
      if (body !== null && (body.wanted || body.discarding)) this.#feed(body, chunk)
      else this.#keep(chunk)
    } else if (this.state !== 'closed') {
      this.#inbox.add(chunk)
      this.#readHead()
      this.#inbox.keep()
    }
  }

  #keep(chunk: Buffer): void {
    this.#inbox.add(owned(chunk))
    if (this.state === 'busy' && this.#inbox.length >= PIPELINE_BYTES) this.pauseReading()
  }

  #readHead(): void {
    if (this.state === 'idle' && !this.#expectHead()) {
      // An empty line was the last thing to come.
      if (this.halfClosed) this.close()
      return
    }
    const exchange = this.#exchange!
    const received = this.#inbox.length
    let head: RequestHead | null = null
    try {
      head = this.#inbox.takeHead(this.limits)
      if (head === null) {
        // Its FIN came while the request before was served.
        if (this.halfClosed) this.#abandonHead()
        return
      }
      exchange.bytesIn = head.bytes
      this.#begin(exchange, head)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      exchange.bytesIn = received
      this.#refuse(new Failure(error.kind, error.detail), head === null ? this.#inbox.lines() : linesOf(head))
    }
  }

  // The first byte of a request begins its exchange, and its head's time: for the first request of a connection
  // that runs from the accept, so that silence is not free (fine-points.md).
  #expectHead(): boolean {
    if (!this.#inbox.begins(this.limits.bareLf)) return false
    const at = now()
    this.state = 'head'
    this.served++
    this.#exchange = this.outlet.exchange = new Exchange(this.peer, at)
    if (this.served > 1) this.#host.clock.set(this, at + this.limits.headerTimeout)
    return true
  }

  #begin(exchange: Exchange, head: RequestHead): void {
    const framing = requestFraming(head)
    this.state = 'busy'
    this.#host.clock.clear(this)
    if (framing.kind !== 'none') this.#body = new RequestBody(framing, exchange, this.#host.clock, this)
    this.#host.serve(exchange, head, framing, this)
  }

  #refuse(failure: Failure, lines = this.#inbox.lines()): void {
    this.state = 'busy'
    this.unreadLines = lines
    this.#inbox.take()
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
    const body = this.#body!
    const chunk = this.#inbox.take()
    body.read(sink)
    if (chunk !== null) this.#feed(body, chunk)
    if (this.#paused && body.wanted) this.resumeReading()
  }

  #feed(body: RequestBody, chunk: Buffer): void {
    const used = body.feed(chunk)
    // What follows belongs to the next request.
    if (used < chunk.length) this.#keep(Buffer.from(chunk.subarray(used)))
  }

  /** The answer comes before the rest of the body, which is thrown away. Returns what is wrong with what is here of it. */
  discardBody(): Failure | null {
    const body = this.#body
    if (body === null || body.done) return null
    body.discard()
    const here = this.#inbox.take()
    if (here !== null) this.#feed(body, here)
    this.resumeReading()
    return body.spoiled
  }

  /** Bytes of the body so far, without their coding. */
  get bodyReceived(): number {
    return this.#body?.received ?? 0
  }

  /** Tells the client to send the body it holds back (RFC 9110 §10.1.1), unless some of it is here already. */
  sendContinue(): void {
    if (this.#inbox.length === 0) this.outlet.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /** Reads no further until told to: what comes stays in the kernel. */
  pauseReading(): void {
    if (this.#paused) return
    this.#paused = true
    this.#body?.pause()
    this.socket.pause()
  }

  resumeReading(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#body?.resume()
    this.socket.resume()
  }

  // — the end of a request, of the connection

  /** The answer is complete and flushed, or will not be: on to the next request, as was said, or close; idle for so long at most. */
  finish(keepAlive: boolean, idleMs = this.limits.keepaliveTimeout): void {
    if (this.state === 'closed') return
    this.#exchange = this.outlet.exchange = null
    this.outlet.onWritable = null
    this.during(null)
    const whole = this.requestWhole
    this.#body?.drop()
    this.#body = null
    if (!keepAlive || !whole || (this.halfClosed && this.#inbox.length === 0)) {
      this.close()
      return
    }
    this.state = 'idle'
    this.pipelined = this.#inbox.length > 0
    this.idleSince = now()
    this.#host.clock.set(this, this.idleSince + idleMs)
    if (this.#paused) this.resumeReading()
    // Not from here: a long pipeline would nest one request in the other.
    if (this.#inbox.length > 0) setImmediate(() => this.state === 'idle' && this.#readHead())
  }

  /** FIN, then reading and discarding for a while, so that the client can read what was sent. */
  close(): void {
    if (this.state === 'closed' || this.state === 'lingering') return
    this.state = 'lingering'
    this.#inbox.take()
    this.#linger = new Linger(this.#host.clock, this.socket)
    this.#host.clock.clear(this)
    if (this.halfClosed) this.socket.end(() => this.socket.destroy())
    else this.socket.end()
    if (this.#paused) this.socket.resume()
  }

  /** Since when it has waited for a request, or for the rest of a head; 0 while one is being served. */
  get waitingSince(): number {
    if (this.state === 'idle') return this.idleSince
    return this.state === 'head' ? this.#exchange!.startedAt : 0
  }

  /** Hands the socket over to somebody else (the upgrade lane), paused, with what was read of it and nobody has taken. */
  release(): { readonly socket: Duplex; readonly rest: Buffer | null } {
    this.#inbox.keep()
    const rest = this.#inbox.take()
    this.state = 'closed'
    this.#host.clock.clear(this)
    const socket = this.becomeStream()
    this.#host.closed(this)
    return { socket, rest }
  }

  /** Takes the socket back from whoever it was released to, for one last answer. */
  reclaim(): void {
    this.reclaimed = true
    this.state = 'busy'
    hear(this.socket, this)
    this.#host.reopened(this)
  }

  // — what happens to it

  /** The socket's: the client's FIN. */
  ended(): void {
    this.halfClosed = true
    // Those that wait their turn were sent before it.
    if (this.state === 'idle' && this.#inbox.length > 0) return void this.#readHead()
    if (this.state === 'head') this.#abandonHead()
    else if (this.state === 'lingering' || this.state === 'idle') this.socket.end(() => this.socket.destroy())
    const exchange = this.#exchange
    if (this.state !== 'busy' || exchange === null) return
    exchange.halfClosedAt = now()
    // Nothing tells a departure from a half-close: while no worker has the request it counts as the former.
    if (exchange.needsClient || !(this.requestWhole || this.#body?.discarding === true)) {
      exchange.leave(new Failure('client_left', 'the client closed its side before a worker had its request'))
    }
  }

  /** The socket's. */
  closed(): void {
    if (this.state === 'closed') return
    const exchange = this.#exchange
    if (this.state === 'head') this.#abandonHead()
    this.state = 'closed'
    this.#inbox.take()
    this.#body?.drop()
    this.#linger?.stop()
    this.#host.clock.clear(this)
    exchange?.leave(new Failure('client_left', 'the client closed the connection'))
    this.outlet.wake()
    this.#host.closed(this)
  }

  // A head that will never be whole: nobody to answer, but it stands in the log.
  #abandonHead(): void {
    const exchange = this.#exchange!
    exchange.clientPresent = false
    exchange.bytesIn = this.#inbox.length
    const detail = 'the client closed the connection in the middle of a request head'
    this.#refuse(new Failure('client_left', detail))
  }

  /** Its time to send a request is over. */
  expired(): void {
    // A first request that never came, or a keep-alive connection that idled out: there is nothing to answer.
    if (this.state === 'idle') this.close()
    if (this.state !== 'head') return
    const detail = `the head was not whole after ${this.limits.headerTimeout} ms`
    this.#refuse(new Failure('request_timeout', detail))
  }
}
