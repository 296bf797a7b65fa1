// A worker's answer in HTTP/1.1: interim answers, the head, the body. Strict, since nothing odd is to reach a client.

import { findBareHeadEnd, readBareHead } from '../http1/bare-lf.ts'
import { type Framing, responseFraming } from '../http1/framing.ts'
import { findResponseHeadEnd } from '../http1/head-end.ts'
import { ProtocolError } from '../http1/protocol-error.ts'
import { parseResponseHead, type ResponseHead } from '../http1/response-head.ts'
import type { AnswerParts } from './dialect.ts'
import { HeadedAnswer } from './headed-answer.ts'

const MAX_INTERIM = 16

export class AnswerReader extends HeadedAnswer {
  readonly #method: string
  readonly #parts: AnswerParts
  readonly #bareLf: boolean
  #interim = 0

  /**
   * @param method the request's, which decides whether there is a body.
   * @param bareLf whether lines of a head may end with LF alone.
   */
  constructor(method: string, parts: AnswerParts, bareLf = false) {
    super(parts)
    this.#method = method
    this.#parts = parts
    this.#bareLf = bareLf
  }

  protected override headEnd(buffer: Buffer, scanned: number): number {
    return this.#bareLf ? findBareHeadEnd(buffer, 0, scanned) : findResponseHeadEnd(buffer, 0, scanned)
  }

  protected override readHead(buffer: Buffer, end: number): ResponseHead | null {
    const head = this.#bareLf
      ? readBareHead(buffer, end, parseResponseHead)
      : parseResponseHead(buffer, 0, end)
    if (head.status >= 200) return head
    this.#readInterim(head)
    return null
  }

  protected override framing(head: ResponseHead): Framing {
    return responseFraming(head, this.#method)
  }

  #readInterim(head: ResponseHead): void {
    if (head.status === 101)
      throw new ProtocolError('bad_request', '101 Switching Protocols that nobody asked for')
    if (++this.#interim > MAX_INTERIM)
      throw new ProtocolError('bad_request', `more than ${MAX_INTERIM} interim answers`)
    if (head.status !== 100) this.#parts.onInterim(head)
  }
}
