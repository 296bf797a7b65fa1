// The body of the request under way on one edge connection: decoded as it comes and handed to whoever asked for
// it, at no less than the slowest pace allowed. It owns the body's deadline; the socket is the connection's.

import { type Clock, now, type Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { BodyDecoder, type BodySink } from '../http1/body-decoder.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import { ProtocolError } from '../http1/protocol-error.ts'

/** A body may not be slower than this on average, once `--body-timeout` has passed (bytes a second). */
const SLOWEST = 500
const NOTHING = Buffer.alloc(0)

/** A connection whose limits may change while a request is under way. */
interface Paced {
  readonly limits: { readonly bodyTimeout: number }
}

export class RequestBody implements BodySink, Timed {
  deadline = 0
  place = -1
  readonly #clock: Clock
  readonly #of: Paced
  readonly #exchange: Exchange
  readonly #decoder: BodyDecoder
  #sink: BodySink | null = null
  #since = 0
  #bytes = 0
  /** What is wrong with it: it is read no further; null: nothing. */
  spoiled: Failure | null = null
  /** The rest of it is read to be thrown away. */
  discarding = false

  /** @param of whose body it is */
  constructor(framing: Framing, exchange: Exchange, clock: Clock, of: Paced) {
    this.#clock = clock
    this.#of = of
    this.#exchange = exchange
    this.#decoder = new BodyDecoder(framing, this)
  }

  /** Between two pieces, in milliseconds. */
  get #timeout(): number {
    return this.#of.limits.bodyTimeout
  }

  /** Whether every byte of it has been read. */
  get done(): boolean {
    return this.#decoder.done
  }

  /** Bytes of it so far, without their coding. */
  get received(): number {
    return this.#decoder.received
  }

  /** Whether somebody wants what comes. */
  get wanted(): boolean {
    return this.#sink !== null
  }

  /** Begins to hand it to the sink. Failures end the exchange's wait, and then nothing more is handed on. */
  read(sink: BodySink): void {
    this.#sink = sink
    this.#since = now()
    this.#clock.set(this, this.#since + this.#timeout)
    // A body of no bytes ends at the first feed, even of nothing.
    if (this.done) this.feed(NOTHING)
  }

  /** Takes what came from the client, for nobody if nobody wants it; returns how many bytes of it were the body's. */
  feed(chunk: Buffer): number {
    if (this.#sink === null) return this.done ? 0 : this.#decode(chunk)
    const at = now()
    this.#clock.set(this, at + this.#timeout)
    const used = this.#decode(chunk)
    if (this.spoiled !== null) this.#fail(this.spoiled)
    else {
      this.#bytes += used
      if (this.#sink !== null) this.#checkPace(at)
    }
    return used
  }

  // Where something is wrong with it, nobody can tell any more where it ends: all that follows is its own.
  #decode(chunk: Buffer): number {
    if (this.spoiled !== null) return chunk.length
    try {
      const used = this.#decoder.push(chunk, 0, chunk.length)
      this.#exchange.bytesIn += used
      return used
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.spoiled = new Failure(error.kind, error.detail)
      return chunk.length
    }
  }

  /** The socket is not read for a while, by our own choice: the client cannot be late. */
  pause(): void {
    this.#clock.clear(this)
  }

  resume(): void {
    if (this.#sink !== null) this.#clock.set(this, now() + this.#timeout)
  }

  /** What still comes of it is thrown away, so that what follows it can be read. */
  discard(): void {
    this.drop()
    this.discarding = true
  }

  /** Nobody wants it any more. */
  drop(): void {
    this.#sink = null
    this.#clock.clear(this)
  }

  /** The decoder's. */
  data(chunk: Buffer): void {
    this.#sink?.data(chunk)
  }

  /** The decoder's. */
  end(trailers: HeaderList | null): void {
    const sink = this.#sink
    this.drop()
    sink?.end(trailers)
  }

  expired(): void {
    this.#fail(new Failure('request_timeout', `no byte of the body came for ${this.#timeout} ms`))
  }

  // A byte now and then keeps no body alive for ever.
  #checkPace(at: number): void {
    const elapsed = at - this.#since
    if (elapsed < this.#timeout || this.#bytes >= (elapsed / 1000) * SLOWEST) return
    this.#fail(
      new Failure('request_timeout', `${this.#bytes} bytes of the body came in ${Math.round(elapsed)} ms`),
    )
  }

  #fail(failure: Failure): void {
    this.drop()
    this.#exchange.interrupt(failure)
  }
}
