// A worker's answer out of the bytes that come where they are CGI's: a head, then the body up to its length or the end
// (uwsgi, SCGI, and what FastCGI's records hold). The counterpart of `answer-reader.ts`; knows no socket and no time.

import { cgiFraming, findCgiHeadEnd, readCgiHead } from '../gateway/cgi-head.ts'
import { BodyDecoder } from '../http1/body-decoder.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import type { AnswerParts } from './answer-reader.ts'
import type { AnswerReading } from './dialect.ts'

const MAX_HEAD = 64 * 1024

export class GatewayReader implements AnswerReading {
  readonly #method: string
  readonly #statusLine: boolean
  readonly #parts: AnswerParts
  #pending: Buffer | null = null
  #scanned = 0
  #decoder: BodyDecoder | null = null

  /**
   * @param method the request's, which decides whether there is a body
   * @param statusLine whether a status line may stand in front
   */
  constructor(method: string, statusLine: boolean, parts: AnswerParts) {
    this.#method = method
    this.#statusLine = statusLine
    this.#parts = parts
  }

  get begun(): boolean {
    return this.#decoder !== null
  }

  get done(): boolean {
    return this.#decoder?.done === true
  }

  get fragment(): Buffer | null {
    return this.#pending
  }

  push(chunk: Buffer): void {
    if (this.#decoder === null) this.#readHead(chunk)
    else this.#decoder.push(chunk, 0, chunk.length)
  }

  finish(): boolean {
    return this.#decoder?.finish() === true
  }

  #readHead(chunk: Buffer): void {
    const buffer = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk])
    const end = findCgiHeadEnd(buffer, this.#scanned)
    if (end === -1) {
      if (buffer.length > MAX_HEAD)
        throw new ProtocolError('head_too_large', `a head of more than ${MAX_HEAD} bytes`)
      // A copy: what came lies in memory that the next read overwrites.
      this.#pending = Buffer.from(buffer)
      this.#scanned = buffer.length
      return
    }
    this.#pending = null
    const head = readCgiHead(buffer, end, this.#statusLine)
    const framing = cgiFraming(head, this.#method)
    this.#decoder = new BodyDecoder(framing, this.#parts)
    this.#parts.onHead(head, framing)
    this.#decoder.push(buffer, end, buffer.length)
  }
}
