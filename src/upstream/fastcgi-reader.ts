// A worker's answer out of FastCGI's records: what its output stream holds is an answer of CGI's, what its error stream
// holds is told. Knows no socket and no time.

import { RecordReader, type RecordSink } from '../gateway/fastcgi-records.ts'
import { badRequest, quoteBytes } from '../http1/protocol-error.ts'
import type { AnswerReading } from './dialect.ts'
import type { GatewayReader } from './gateway-reader.ts'

export interface ErrorStream {
  /** What was said on it: one record's worth, cut where it is long. @param begun the answer's head was there before */
  told(text: string, begun: boolean): void
  /** What makes an answer none, where it is said before it. */
  readonly caught: readonly string[]
}

/** Bytes of one record that are told: nginx's lines are as long; and of an error stream in all. */
const MOST_IN_LINE = 2000
const MOST_TOLD = 64 * 1024

export class FastcgiReader implements AnswerReading, RecordSink {
  readonly #answer: GatewayReader
  readonly #records = new RecordReader(this)
  readonly #errors: ErrorStream
  #told = 0
  #over = false

  /** @param answer reads what the output stream holds */
  constructor(answer: GatewayReader, errors: ErrorStream) {
    this.#answer = answer
    this.#errors = errors
  }

  get begun(): boolean {
    return this.#answer.begun
  }

  get done(): boolean {
    return this.#over || this.#answer.done
  }

  get fragment(): Buffer | null {
    return this.#answer.fragment
  }

  push(chunk: Buffer): void {
    this.#records.push(chunk)
  }

  // The records say when an answer is whole: one that ends without them was cut off.
  finish(): boolean {
    return this.done
  }

  /** The records'. */
  stdout(piece: Buffer): void {
    if (!this.#over) this.#answer.push(piece)
  }

  /** The records'. */
  stdoutEnd(): void {
    this.#end('upstream prematurely closed FastCGI stdout')
  }

  /** The records'. */
  stderr(text: string): void {
    if (this.#told < MOST_TOLD)
      this.#errors.told(text.slice(0, MOST_IN_LINE).replace(/[\r\n. ]+$/, ''), this.begun)
    this.#told += Math.min(text.length, MOST_IN_LINE)
    if (!this.begun && this.#errors.caught.some(each => text.includes(each)))
      throw badRequest(`FastCGI sent in stderr what fastcgi_catch_stderr has: ${quoteBytes(text)}`)
  }

  /** The records'. */
  end(refusal: string | null): void {
    this.#end(
      refusal === null
        ? 'upstream sent unexpected FastCGI record: 3'
        : `upstream ended the FastCGI request: ${refusal}`,
    )
  }

  #end(tooEarly: string): void {
    if (this.done) return
    if (!this.begun) throw badRequest(tooEarly)
    if (!this.#answer.finish()) throw badRequest(`${tooEarly} before the length that it announced`)
    this.#over = true
  }
}
