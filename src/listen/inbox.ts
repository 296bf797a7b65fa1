// What a client has sent and nobody has taken yet: the beginning of a head, a body not asked for, requests that
// wait their turn. Holds bytes; knows no socket and no deadline, and of HTTP only where a head ends.

import { findBareHeadEnd, readBareHead, skipBareLine, withCrlf } from '../http1/bare-lf.ts'
import { findHeadEnd, headTooLarge, refuseLongLines, skipEmptyLine } from '../http1/head-end.ts'
import { parseRequestHead, type RequestHead, refuseBadRequestLine } from '../http1/request-head.ts'
import { owned } from '../socket/lent.ts'
import type { EdgeLimits } from './edge-host.ts'

const CR = 0x0d
const LF = 0x0a
/** Of what cannot be read as a request no more than this is of interest to a log, in bytes. */
const READ_OF_UNREAD = 8 * 1024

type HeadLimits = Pick<EdgeLimits, 'maxHeader' | 'maxHeaderLine' | 'maxRequestLine' | 'bareLf'>

export class Inbox {
  #bytes: Buffer | null = null
  /** How far an incomplete head has been looked at, so that one that trickles in is read once. */
  #scanned = 0
  /** The request line of an incomplete head has come, and is none to refuse. */
  #lineRead = false

  get length(): number {
    return this.#bytes === null ? 0 : this.#bytes.length
  }

  /** Takes a chunk for as long as it is lent. */
  add(chunk: Buffer): void {
    this.#bytes = this.#bytes === null ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  /** What is still here stays here, whoever lent it. */
  keep(): void {
    if (this.#bytes !== null) this.#bytes = owned(this.#bytes)
  }

  /** Takes everything; null when there is nothing. */
  take(): Buffer | null {
    const bytes = this.#bytes
    this.#bytes = null
    this.#scanned = 0
    this.#lineRead = false
    return bytes
  }

  /**
   * Skips one empty line before a request line (RFC 9112 §2.2). Returns whether a request has begun after it.
   * @param bareLf whether it may end with LF alone.
   */
  begins(bareLf = false): boolean {
    if (this.#bytes === null) return false
    const start = bareLf ? skipBareLine(this.#bytes, 0) : skipEmptyLine(this.#bytes, 0)
    this.#consume(start)
    // A lone CR may be half of that line.
    return this.#bytes !== null && !(this.#bytes.length === 1 && this.#bytes[0] === CR)
  }

  /** The lines that have come, of the first kilobytes; the last one may go on. */
  lines(): string[] {
    return this.#bytes === null ? [] : this.#bytes.toString('latin1', 0, READ_OF_UNREAD).split(/\r?\n|\r/)
  }

  /**
   * Takes the next head, or returns null while it is not whole.
   * @param limits `maxHeader`: the largest head allowed, in bytes; `maxHeaderLine`: the longest line of it;
   *   `maxRequestLine`: the longest first one; `bareLf`: whether its lines may end with LF alone
   * @throws ProtocolError as soon as it cannot become a head that may be served.
   */
  takeHead({
    maxHeader: limit,
    maxHeaderLine: line = limit,
    maxRequestLine: first = line,
    bareLf = false,
  }: HeadLimits): RequestHead | null {
    const bytes = this.#bytes
    if (bytes === null) return null
    const end = bareLf ? findBareHeadEnd(bytes, 0, this.#scanned) : findHeadEnd(bytes, 0, this.#scanned)
    if (end > limit || (end === -1 && bytes.length > limit))
      throw headTooLarge(bytes.subarray(0, limit + 1), 0)
    if (end === -1) {
      if (!this.#lineRead) this.#readLine(bytes, first, bareLf)
      this.#scanned = bytes.length
      this.#compact(bytes)
      return null
    }
    if (end > first || end > line) refuseLongLines(bytes, end, line, first)
    const head = bareLf ? readBareHead(bytes, end, parseRequestHead) : parseRequestHead(bytes, 0, end)
    this.#consume(end)
    return head
  }

  // Of a head that came whole this is never asked: what it says is what the reader says.
  #readLine(bytes: Buffer, most: number, bareLf: boolean): void {
    const end = bytes.indexOf(LF, this.#scanned) + 1
    if (end === 0) return
    refuseLongLines(bytes, end, most)
    const line = bareLf ? withCrlf(bytes, 0, end) : bytes
    refuseBadRequestLine(line, 0, bareLf ? line.length : end)
    this.#lineRead = true
  }

  #consume(count: number): void {
    this.#scanned = 0
    this.#lineRead = false
    if (this.#bytes === null || count === 0) return
    this.#bytes = count === this.#bytes.length ? null : this.#bytes.subarray(count)
  }

  // Kept beyond the event that brought it: not as a view that pins a slab far larger than itself.
  #compact(bytes: Buffer): void {
    if (bytes.length < bytes.buffer.byteLength / 2) this.#bytes = Buffer.from(bytes)
  }
}
