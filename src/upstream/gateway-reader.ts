// A worker's answer as CGI has it: a head, then the body up to its length or the end (uwsgi, SCGI, and what FastCGI's records
// hold).

import { cgiFraming, findCgiHeadEnd, readCgiHead } from '../gateway/cgi-head.ts'
import type { Framing } from '../http1/framing.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerParts } from './dialect.ts'
import { HeadedAnswer } from './headed-answer.ts'

export class GatewayReader extends HeadedAnswer {
  readonly #method: string
  readonly #statusLine: boolean

  /**
   * @param method the request's, which decides whether there is a body
   * @param statusLine whether a status line may stand in front
   */
  constructor(method: string, statusLine: boolean, parts: AnswerParts) {
    super(parts)
    this.#method = method
    this.#statusLine = statusLine
  }

  protected override headEnd(buffer: Buffer, scanned: number): number {
    return findCgiHeadEnd(buffer, scanned)
  }

  protected override readHead(buffer: Buffer, end: number): ResponseHead {
    return readCgiHead(buffer, end, this.#statusLine)
  }

  protected override framing(head: ResponseHead): Framing {
    return cgiFraming(head, this.#method)
  }
}
