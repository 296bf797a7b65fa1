// A worker's answer out of the bytes that come: interim answers, the head, the body. Strict, since nothing odd is
// to reach a client. It knows no socket and no time.

import { findBareHeadEnd, readBareHead } from '../http1/bare-lf.ts'
import { BodyDecoder, type BodySink } from '../http1/body-decoder.ts'
import { type Framing, responseFraming } from '../http1/framing.ts'
import { findResponseHeadEnd } from '../http1/head-end.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import { parseResponseHead, type ResponseHead } from '../http1/response-head.ts'
import type { AnswerReading } from './dialect.ts'

/** Who takes what was read. The end of the body comes through `BodySink`. */
export interface AnswerParts extends BodySink {
  /** A 1xx other than 100 and 101. */
  onInterim(head: ResponseHead): void
  onHead(head: ResponseHead, framing: Framing): void
}

const MAX_HEAD = 64 * 1024
const MAX_INTERIM = 16

export class AnswerReader implements AnswerReading {
  readonly #method: string
  readonly #parts: AnswerParts
  readonly #bareLf: boolean
  #pending: Buffer | null = null
  #scanned = 0
  #interim = 0
  #decoder: BodyDecoder | null = null

  /**
   * @param method the request's, which decides whether there is a body.
   * @param bareLf whether lines of a head may end with LF alone.
   */
  constructor(method: string, parts: AnswerParts, bareLf = false) {
    this.#method = method
    this.#parts = parts
    this.#bareLf = bareLf
  }

  /** The final head has come. */
  get begun(): boolean {
    return this.#decoder !== null
  }

  /** The whole answer has come. */
  get done(): boolean {
    return this.#decoder?.done === true
  }

  /** The beginning of a head that never became whole. */
  get fragment(): Buffer | null {
    return this.#pending
  }

  /**
   * Takes the next bytes. What lies beyond the announced length is dropped (fine-points.md).
   * @throws ProtocolError when it is not an answer that may be passed on.
   */
  push(chunk: Buffer): void {
    if (this.#decoder === null) this.#readHead(chunk)
    else this.#decoder.push(chunk, 0, chunk.length)
  }

  /** The connection has ended. Returns whether the answer may end here. */
  finish(): boolean {
    return this.#decoder?.finish() === true
  }

  #readHead(chunk: Buffer): void {
    let buffer = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk])
    for (;;) {
      const find = this.#bareLf ? findBareHeadEnd : findResponseHeadEnd
      const end = find(buffer, 0, this.#scanned)
      if (end === -1) {
        if (buffer.length > MAX_HEAD)
          throw new ProtocolError('head_too_large', `a head of more than ${MAX_HEAD} bytes`)
        // A copy: what came lies in memory that the next read overwrites.
        this.#pending = Buffer.from(buffer)
        this.#scanned = buffer.length
        return
      }
      this.#pending = null
      this.#scanned = 0
      const head = this.#bareLf
        ? readBareHead(buffer, end, parseResponseHead)
        : parseResponseHead(buffer, 0, end)
      if (head.status >= 200) {
        this.#begin(head, buffer, end)
        return
      }
      this.#readInterim(head)
      if (end === buffer.length) return
      buffer = buffer.subarray(end)
    }
  }

  #begin(head: ResponseHead, buffer: Buffer, end: number): void {
    const framing = responseFraming(head, this.#method)
    this.#decoder = new BodyDecoder(framing, this.#parts)
    this.#parts.onHead(head, framing)
    this.#decoder.push(buffer, end, buffer.length)
  }

  #readInterim(head: ResponseHead): void {
    if (head.status === 101)
      throw new ProtocolError('bad_request', '101 Switching Protocols that nobody asked for')
    if (++this.#interim > MAX_INTERIM)
      throw new ProtocolError('bad_request', `more than ${MAX_INTERIM} interim answers`)
    if (head.status !== 100) this.#parts.onInterim(head)
  }
}
