// An app's answer in FastCGI: its records taken out of the bytes that come (specification 1.0, §3.3, §5.3 to §5.5). What is
// no record of such an answer is refused in nginx's words (ngx_http_fastcgi_process_record). Keeps no content but the
// record of the error stream that is being read.

import { badRequest } from '../http1/protocol-error.ts'

const HEAD = 8
const END_REQUEST = 3
const STDOUT = 6
const STDERR = 7

/** Why an app did not serve a request, by the status of its protocol (§5.5). */
const REFUSALS: readonly (string | null)[] = [
  null,
  'it cannot serve several requests over one connection',
  'it is overloaded',
  'it has no responder',
]

/** Who takes what was read; all are called from within `push`. */
export interface RecordSink {
  /** A piece of the answer: a view of what was pushed. */
  stdout(piece: Buffer): void
  /** The answer is whole, as far as the app says. */
  stdoutEnd(): void
  /** What one record says on the error stream, 64 KB at most. */
  stderr(text: string): void
  /** The request is over. @param refusal why it was not served; null: it was */
  end(refusal: string | null): void
}

export class RecordReader {
  readonly #sink: RecordSink
  readonly #head = Buffer.alloc(HEAD)
  /** Bytes of the head that have come; all of them while content or padding is read. */
  #known = 0
  #type = 0
  #content = 0
  #padding = 0
  /** Of an error stream's record, or of the last record. */
  #kept: Buffer[] = []
  #over = false

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  /** Takes the next bytes; what comes after the end is dropped. @throws ProtocolError */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#over) {
      if (this.#known < HEAD) at = this.#readHead(chunk, at)
      else if (this.#content > 0) at = this.#readContent(chunk, at)
      else {
        const skipped = Math.min(this.#padding, chunk.length - at)
        this.#padding -= skipped
        at += skipped
      }
      if (this.#known === HEAD && this.#content === 0 && this.#padding === 0) this.#known = 0
    }
  }

  #readHead(chunk: Buffer, from: number): number {
    const head = this.#head
    let at = from
    while (at < chunk.length && this.#known < HEAD) {
      head[this.#known++] = chunk[at++]!
      this.#check(this.#known)
    }
    if (this.#known < HEAD) return at
    this.#type = head[1]!
    this.#content = head.readUInt16BE(4)
    this.#padding = head[6]!
    this.#kept = []
    if (this.#content === 0) this.#recordEnds(true)
    return at
  }

  // As soon as it shows, so that nobody waits for the rest of what is no record.
  #check(known: number): void {
    const value = this.#head[known - 1]!
    if (known === 1 && value !== 1)
      throw badRequest(`upstream sent unsupported FastCGI protocol version: ${value}`)
    if (known === 2 && value !== STDOUT && value !== STDERR && value !== END_REQUEST)
      throw badRequest(`upstream sent invalid FastCGI record type: ${value}`)
    if (known === 3 && value !== 0)
      throw badRequest(`upstream sent unexpected FastCGI request id high byte: ${value}`)
    if (known === 4 && value !== 1)
      throw badRequest(`upstream sent unexpected FastCGI request id low byte: ${value}`)
  }

  #readContent(chunk: Buffer, at: number): number {
    const end = at + Math.min(this.#content, chunk.length - at)
    this.#content -= end - at
    const piece = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end)
    if (this.#type === STDOUT) this.#sink.stdout(piece)
    else this.#kept.push(Buffer.from(piece))
    if (this.#content === 0) this.#recordEnds(false)
    return end
  }

  #recordEnds(empty: boolean): void {
    if (this.#type === STDOUT) {
      if (empty) this.#sink.stdoutEnd()
      return
    }
    const kept = Buffer.concat(this.#kept)
    if (this.#type === STDERR) {
      if (!empty) this.#sink.stderr(kept.toString('latin1'))
      return
    }
    this.#over = true
    // The app's own exit status stands before it, and is its own affair.
    const status = kept[4] ?? 0
    const refusal = REFUSALS[status]
    this.#sink.end(refusal === undefined ? `protocol status ${status}` : refusal)
  }
}
