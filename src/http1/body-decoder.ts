// Takes a body out of a byte stream, whichever way it is framed. Hands on views of what came and keeps none;
// knows where the message ends, and leaves what follows alone.

import { ChunkedDecoder } from './chunked.ts'
import type { Framing } from './framing.ts'
import type { HeaderList } from './headers.ts'

/** Who gets the body. Both are called from within `push`; the chunk is a view of the buffer that was pushed, and may be lent. */
export interface BodySink {
  data(chunk: Buffer): void
  /** Once, after the last byte. The trailers are those that may be passed on. */
  end(trailers: HeaderList | null): void
}

export class BodyDecoder {
  /** Bytes of the body so far, without their coding. */
  received = 0
  /** Whether no further byte belongs to this message. True from the start for a body of no bytes. */
  done: boolean
  readonly #sink: BodySink
  readonly #chunked: ChunkedDecoder | null
  /** What is still to come; Infinity when only the connection's end tells. */
  #left: number
  readonly #untilClose: boolean
  #ended = false

  constructor(framing: Framing, sink: BodySink) {
    this.#sink = sink
    this.#untilClose = framing.kind === 'close'
    this.#left = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : Infinity
    this.done = this.#left === 0
    this.#chunked = framing.kind === 'chunked' ? new ChunkedDecoder(chunk => this.#give(chunk)) : null
  }

  /**
   * Reads the bytes from `start` to `end` and returns the offset after the last one that belongs to the body:
   * `end`, unless the body ended before. A body of no bytes ends at the first push, even one of nothing. Throws
   * a ProtocolError, after which the decoder is of no further use.
   */
  push(buf: Buffer, start: number, end: number): number {
    if (this.done) {
      this.#end(null)
      return start
    }
    if (this.#chunked !== null) {
      const at = this.#chunked.push(buf, start, end)
      if (this.#chunked.done) this.#end(this.#chunked.trailers)
      return at
    }
    if (start === end) return start
    const stop = this.#left < end - start ? start + this.#left : end
    this.#left -= stop - start
    // The whole buffer when it is all payload: a view costs more than the check.
    this.#give(start === 0 && stop === buf.length ? buf : buf.subarray(start, stop))
    if (this.#left === 0) this.#end(null)
    return stop
  }

  /**
   * The connection has ended. Returns whether the body may end here; a close-delimited one ends now, and its
   * sink is told. False: it was cut short.
   */
  finish(): boolean {
    if (this.#untilClose || this.done) this.#end(null)
    return this.done
  }

  #give(chunk: Buffer): void {
    this.received += chunk.length
    this.#sink.data(chunk)
  }

  #end(trailers: HeaderList | null): void {
    this.done = true
    if (this.#ended) return
    this.#ended = true
    this.#sink.end(trailers)
  }
}
