// The answer on its way to the client: sent on while it comes from the worker; what the client does not take
// at once goes to a spool, so that the worker is never kept waiting. Knows neither upstreams nor slots.
//
// Invariants: bytes go out in the order they came; once something waits in the spool, everything after it goes
// through the spool; a broken answer is never ended cleanly.

import { afterwards, soon } from '../afterwards.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { chunkHeader, lastChunk } from '../http1/chunked.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { giveBack } from '../spool/backing.ts'
import type { Spool, SpoolReader } from '../spool/spool.ts'
import { asksToStream } from './asks-to-stream.ts'
import { type ClientFraming, clientFraming, clientHead, interimHead } from './client-head.ts'
import { gathered } from './gathered.ts'
import { isServersOwn } from './servers-own.ts'

/** What is asked of the client's connection. */
export interface ClientWriter {
  /** Returns false when the client does not keep up: then `onWritable` is called once it does. */
  write(bytes: Buffer | string): boolean
  readonly flushed: boolean
  onWritable: (() => void) | null
}

export interface DeliveryOptions {
  readonly exchange: Exchange
  readonly client: ClientWriter
  readonly clientIs10: boolean
  /** The client is told that its connection stays, where it does. */
  readonly sayKeepAlive: boolean
  /** For how many seconds at least; 0: it is not told. */
  readonly keepAliveFor?: number
  /** The client can take trailers (it sent `TE: trailers` in HTTP/1.1). */
  readonly wantsTrailers: boolean
  /** Fields that speak to a proxy go on: what is left of them is what a file adds or lets through. */
  readonly keepsAccel: boolean
  /** Whether the worker is read faster than the client reads; an answer may ask that it is not. */
  readonly buffering: boolean
  /**
   * In front of the worker whose answer it is: while somebody waits there, its next request goes before the end of this answer;
   * else the end goes with those of all answers that end now. Absent: at once.
   */
  readonly queue?: { readonly someWait: boolean }
  /** Whether the connection may stay after this answer, asked when its head is written. */
  keepAlive(): boolean
  openSpool(): Spool
  /** The worker may go on sending after `data` or `room` said to wait. */
  resumeWorker(): void
  /** All has been sent, or it has ended otherwise; called once. */
  done(failure: Failure | null): void
}

const PIECE = 64 * 1024
const MAX_SERVER_TIMING = 256

export class Delivery {
  /** The client's head has been made: there is no way back to another worker or an error answer. */
  started = false
  /** After it the connection closes, as the head said. */
  keepAlive = false
  framing: ClientFraming = 'none'
  readonly #options: DeliveryOptions
  #out: (string | Buffer)[] = []
  #outBytes = 0
  #backedUp = false
  #spool: Spool | null = null
  #reader: SpoolReader | null = null
  #workerWaits = false
  #ended = false
  #broken: Failure | null = null
  #finished = false
  /** The end waits for the worker's next request to be on its way. */
  #yields = false
  #trailers = false
  #chunks = true
  #buffering: boolean

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#buffering = options.buffering
  }

  // — from the worker

  /** An interim answer; HTTP/1.0 knows none (RFC 9110 §15.2). */
  informational(head: ResponseHead): void {
    if (!this.#options.clientIs10) this.#push(interimHead(head))
  }

  head(head: ResponseHead, framing: Framing): void {
    const { exchange, clientIs10, wantsTrailers } = this.#options
    this.started = true
    this.framing = clientFraming(framing, clientIs10 || !this.#chunks)
    this.keepAlive = this.#options.keepAlive() && this.framing !== 'close'
    this.#trailers = wantsTrailers && this.framing === 'chunked'
    exchange.status = head.status
    if (this.framing === 'close') exchange.endsWithConnection = true
    exchange.serversOwn = head.status === 500 && isServersOwn(head.headers)
    if (asksToStream(head.headers)) this.#buffering = false
    const timing = head.headers.get('server-timing')
    if (timing !== undefined) exchange.serverTiming = timing.slice(0, MAX_SERVER_TIMING)
    const { keepAlive, framing: towardsClient } = this
    const trailers = this.#trailers
    const { sayKeepAlive, keepAliveFor = 0, keepsAccel } = this.#options
    const options = { framing: towardsClient, keepAlive, sayKeepAlive, keepAliveFor, trailers, keepsAccel }
    const written = clientHead(head, options)
    exchange.headBytesOut = written.length
    this.#push(written)
  }

  /** Whether the worker is read faster than the client reads. */
  get buffering(): boolean {
    return this.#buffering
  }

  /** The same, where it is known before the head. */
  buffers(buffering: boolean): void {
    this.#buffering = buffering
  }

  /** What has no known length ends with the connection, for any client; to be said before the head. */
  withoutChunks(): void {
    this.#chunks = false
  }

  /**
   * Takes a piece of the body, which may change after the next `flush`; one that can be had as it is (socket/lent.ts) may be
   * gone when this returns. False: the worker is to wait.
   */
  data(chunk: Buffer): boolean {
    if (this.#finished) return true
    // A chunk of nothing would end the body, and what follows would be read as the next answer.
    if (chunk.length === 0) return !this.#workerWaits
    if (this.framing === 'chunked') {
      this.#push(chunkHeader(chunk.length))
      this.#push(chunk)
      this.#push('\r\n')
    } else {
      this.#push(chunk)
    }
    // Large answers are not gathered beyond what one write takes.
    if (this.#outBytes >= PIECE) this.flush()
    return !this.#workerWaits
  }

  /** Whether the worker may go on; asked after a `flush`, which may have taken room, or given some. */
  get room(): boolean {
    return this.#finished || !this.#workerWaits
  }

  /** @param announced the trailers are sent whether or not the client asked for any; a client may ignore them */
  end(trailers: HeaderList | null, announced = false): void {
    if (this.framing === 'chunked') this.#push(lastChunk(this.#trailers || announced ? trailers : null))
    this.#ended = true
    this.#options.exchange.enter('delivering')
    this.flush()
  }

  /** The worker's part ended without the answer being whole: what came is delivered, and then it is cut. */
  broken(failure: Failure): void {
    this.#broken = failure
    this.#ended = true
    this.flush()
  }

  /** Nobody wants it any more. */
  abandon(failure: Failure): void {
    this.#finish(failure)
  }

  // — to the client

  #push(piece: string | Buffer): void {
    this.#out.push(piece)
    this.#outBytes += piece.length
  }

  /** Writes out what was gathered, or stores it when the client does not keep up. */
  flush(): void {
    if (this.#finished || this.#yields) return
    const bytes = this.#gather()
    const { queue } = this.#options
    this.#yields = this.#ended && queue !== undefined
    if (!this.#yields) this.#go(bytes)
    else if (queue!.someWait) afterwards(() => this.#go(bytes))
    else soon(() => this.#go(bytes))
  }

  #gather(): Buffer | string | null {
    if (this.#out.length === 0) return null
    const bytes = gathered(this.#out, this.#outBytes)
    this.#out = []
    this.#outBytes = 0
    return bytes
  }

  #go(bytes: Buffer | string | null): void {
    if (this.#finished) return
    this.#yields = false
    if (bytes !== null) {
      if (this.#backedUp || this.#reader !== null) this.#store(bytes)
      else {
        this.#send(bytes)
        // The kernel has it, and nobody else: it is our own copy.
        if (!this.#backedUp && typeof bytes !== 'string') giveBack(bytes)
      }
    }
    this.#checkEnd()
  }

  #send(bytes: Buffer | string): void {
    if (this.#options.client.write(bytes)) return
    this.#backedUp = true
    this.#options.client.onWritable = this.#onWritable
    if (!this.#buffering) this.#workerWaits = true
  }

  #store(bytes: Buffer | string): void {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    if (this.#spool === null) {
      this.#spool = this.#options.openSpool()
      this.#spool.onRoom = () => this.#letWorkerGo()
      this.#reader = this.#spool.reader()
      this.#reader.onError = detail =>
        this.#finish(new Failure('answer_broken', `the spool failed: ${detail}`))
    }
    const room = this.#spool.write(piece)
    // A client that kept up took it from within the write: then nobody would ever tell the worker to go on.
    const behind = this.#backedUp || !this.#isEmpty()
    if (!room || (!this.#buffering && behind)) this.#workerWaits = true
  }

  #letWorkerGo(): void {
    if (!this.#workerWaits) return
    this.#workerWaits = false
    this.#options.resumeWorker()
  }

  readonly #onWritable = (): void => {
    if (this.#finished) return
    this.#backedUp = false
    this.#pump()
  }

  readonly #pump = (): void => {
    const { client } = this.#options
    while (!this.#backedUp && this.#reader !== null && !this.#finished) {
      // What was handed out has gone: the disk may be read into the same memory again.
      if (client.flushed) this.#reader.reuse()
      const piece = this.#reader.read(PIECE)
      if (piece === null) {
        // Nothing now: it is on its way back from the disk, or the worker has not sent it yet.
        this.#reader.onReadable = this.#pump
        break
      }
      this.#send(piece)
    }
    if (!this.#backedUp && !this.#buffering) this.#letWorkerGo()
    if (client.flushed) this.#checkEnd()
  }

  // Whether the client has been given everything that was stored.
  #isEmpty(): boolean {
    return this.#reader === null || this.#reader.at === this.#spool!.size
  }

  #checkEnd(): void {
    // What has been put off is still to go, though the client has taken all before it.
    if (!this.#ended || this.#finished || this.#yields) return
    const { client } = this.#options
    if (this.#backedUp || !this.#isEmpty()) return
    if (!client.flushed) {
      client.onWritable = () => this.#checkEnd()
      return
    }
    this.#finish(this.#broken)
  }

  #finish(failure: Failure | null): void {
    if (this.#finished) return
    this.#finished = true
    this.#options.client.onWritable = null
    this.#reader?.close()
    if (this.#spool !== null) {
      this.#options.exchange.spilled += this.#spool.spilled
      this.#spool.destroy()
    }
    this.#out = []
    this.#options.done(failure)
  }
}
