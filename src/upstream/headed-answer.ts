// An answer out of the bytes that come, as far as all protocols have it in common: a head of bounded size that may come in
// pieces, then a body. What a head is, and how long the body behind it, is each protocol's to say. Knows no socket and no time.

import { BodyDecoder } from '../http1/body-decoder.ts'
import type { Framing } from '../http1/framing.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerParts, AnswerReading } from './dialect.ts'

const MAX_HEAD = 64 * 1024

export abstract class HeadedAnswer implements AnswerReading {
  readonly #parts: AnswerParts
  #pending: Buffer | null = null
  /** Where a head lies that comes in pieces, with room for more: many small ones are not copied anew with each. */
  #room: Buffer | null = null
  #scanned = 0
  #decoder: BodyDecoder | null = null

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** The index after the head's end, or -1. @param scanned the buffer's length at the last call, 0 at the first */
  protected abstract headEnd(buffer: Buffer, scanned: number): number

  /** The head that ends there; null: it was none yet, and another follows. @throws ProtocolError */
  protected abstract readHead(buffer: Buffer, end: number): ResponseHead | null

  /** How the body behind it ends. @throws ProtocolError */
  protected abstract framing(head: ResponseHead): Framing

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
    if (this.#decoder === null) this.#gather(chunk)
    else this.#decoder.push(chunk, 0, chunk.length)
  }

  /** The connection has ended. Returns whether the answer may end here. */
  finish(): boolean {
    return this.#decoder?.finish() === true
  }

  #gather(chunk: Buffer): void {
    let buffer = this.#pending === null ? chunk : this.#behind(this.#pending, chunk)
    for (;;) {
      const end = this.headEnd(buffer, this.#scanned)
      if (end === -1) {
        if (buffer.length > MAX_HEAD)
          throw new ProtocolError('head_too_large', `a head of more than ${MAX_HEAD} bytes`)
        // A copy: what came lies in memory that the next read overwrites.
        this.#pending = this.#room === null ? Buffer.from(buffer) : buffer
        this.#scanned = buffer.length
        return
      }
      this.#pending = null
      this.#room = null
      this.#scanned = 0
      const head = this.readHead(buffer, end)
      if (head !== null) {
        this.#begin(head, buffer, end)
        return
      }
      if (end === buffer.length) return
      buffer = buffer.subarray(end)
    }
  }

  #behind(before: Buffer, chunk: Buffer): Buffer {
    const length = before.length + chunk.length
    let room = this.#room
    if (room === null || room.length < length) {
      room = this.#room = Buffer.allocUnsafe(2 * length)
      before.copy(room)
    }
    chunk.copy(room, before.length)
    return room.subarray(0, length)
  }

  #begin(head: ResponseHead, buffer: Buffer, end: number): void {
    const framing = this.framing(head)
    this.#decoder = new BodyDecoder(framing, this.#parts)
    this.#parts.onHead(head, framing)
    this.#decoder.push(buffer, end, buffer.length)
  }
}
