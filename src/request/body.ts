// The body of a request until it is ready to be sent: from the client into a spool, within its limits. Knows
// neither slots nor upstreams, and of HTTP only that trailers may follow.

import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { BodySink } from '../http1/body-decoder.ts'
import { owned } from '../socket/lent.ts'
import type { Spool } from '../spool/spool.ts'

/** What is asked of the client's connection. */
export interface BodySource {
  readBody(sink: BodySink): void
  pauseReading(): void
  resumeReading(): void
}

export class BodyIntake implements BodySink {
  readonly spool: Spool
  /** Whether the reading has begun. */
  started = false
  readonly #exchange: Exchange
  readonly #source: BodySource
  readonly #limit: number
  #settle: ((failure: Failure | null) => void) | null = null
  #copy: { readonly most: number; readonly pieces: Buffer[]; told(body: Buffer): void } | null = null

  /** @param limit bytes of the body, at most (`--max-body`). */
  constructor(exchange: Exchange, source: BodySource, spool: Spool, limit: number) {
    this.#exchange = exchange
    this.#source = source
    this.spool = spool
    exchange.uploading = true
    this.#limit = limit
    spool.onTrouble = (why, detail) =>
      this.fail(new Failure('spool_full', why === 'full' ? detail : `the spool's disk failed: ${detail}`))
    spool.onRoom = () => source.resumeReading()
  }

  /**
   * Reads the body at the client's pace. Settles with null when all of it is in the spool, else with the
   * failure that ended it; other work may go on beside it.
   */
  read(): Promise<Failure | null> {
    this.started = true
    return new Promise(resolve => {
      this.#settle = resolve
      this.#source.readBody(this)
    })
  }

  /** Has a copy of a body of at most so many bytes told once it is whole, whoever reads the spool until then. */
  copies(most: number, told: (body: Buffer) => void): void {
    this.#copy = { most, pieces: [], told }
  }

  /** Whether the last byte has come. */
  get whole(): boolean {
    return this.spool.ended
  }

  /** Whether a second worker could be given all of it. */
  get resendable(): boolean {
    return this.spool.whole
  }

  data(chunk: Buffer): void {
    if (this.#settle === null) return
    if (this.spool.size + chunk.length > this.#limit) {
      this.fail(new Failure('body_too_large', `more than ${this.#limit} bytes`))
      return
    }
    if (this.#copy !== null) this.#copyOf(chunk)
    if (!this.spool.write(owned(chunk))) this.#source.pauseReading()
  }

  #copyOf(chunk: Buffer): void {
    if (this.spool.size + chunk.length > this.#copy!.most) this.#copy = null
    else this.#copy!.pieces.push(Buffer.from(chunk))
  }

  end(): void {
    // Trailers are dropped: the worker gets a length, and no field after it (fine-points.md).
    if (this.#settle === null) return
    this.spool.end()
    this.#exchange.uploading = false
    this.#exchange.bodyBytes = this.spool.size
    this.#exchange.spilled += this.spool.spilled
    this.#copy?.told(Buffer.concat(this.#copy.pieces))
    this.#finish(null)
  }

  /** The body will not be whole. */
  fail(failure: Failure): void {
    this.#finish(failure)
  }

  #finish(failure: Failure | null): void {
    const settle = this.#settle
    this.#settle = null
    settle?.(failure)
  }
}
