// What a connection to a worker has to know of a protocol that is not HTTP: how a body goes over, and who reads the answer.
// The head in front is its author's (`request/`). Types only.

import type { BodySink } from '../http1/body-decoder.ts'
import type { Framing } from '../http1/framing.ts'
import type { ResponseHead } from '../http1/response-head.ts'

/** Who takes what was read. The end of the body comes through `BodySink`. */
export interface AnswerParts extends BodySink {
  /** A 1xx other than 100 and 101. */
  onInterim(head: ResponseHead): void
  onHead(head: ResponseHead, framing: Framing): void
}

/** An answer being read out of the bytes that come. */
export interface AnswerReading {
  /** The final head has come. */
  readonly begun: boolean
  /** The whole answer has come. */
  readonly done: boolean
  /** The beginning of a head that never became whole. */
  readonly fragment: Buffer | null
  /** @throws ProtocolError when it is not an answer that may be passed on */
  push(chunk: Buffer): void
  /** The connection has ended. Returns whether the answer may end here. */
  finish(): boolean
}

/** How the pieces of a body are marked on the wire. */
export interface BodyCoding {
  /** Bytes that one piece may have. */
  readonly most: number
  /** What stands before and behind a piece that is so long, and what ends the body. */
  before(length: number): string
  after(length: number): string
  readonly last: string
}

export interface Dialect {
  /** Null: a body goes over as it is. */
  readonly coding: BodyCoding | null
  reader(parts: AnswerParts): AnswerReading
}
