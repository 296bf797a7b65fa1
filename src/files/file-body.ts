// The bytes of a file on their way to whoever reads them: piece by piece, each read when it is asked for and handed over
// for good. Owns the file's descriptor, and closes it at the end, at an error, and where the reader stops before.

import { read } from 'node:fs'
import { closeFile } from '../disk/calls.ts'

/** Part of a file, from a byte to before another; or bytes that stand between two parts. */
export type Segment = { readonly start: number; readonly end: number } | Buffer

/** As much as is read at once: the fewer calls the better, but each reader holds one. */
const PIECE = 128 * 1024

export class FileBody implements AsyncIterableIterator<Buffer> {
  readonly #descriptor: number
  readonly #start: number
  readonly #path: string
  #segments: readonly Segment[]
  #segment = 0
  /** Bytes of the segment that have been read. */
  #offset = 0
  #reading = false
  #ended = false

  /** Takes the descriptor over. @param start the byte of the file from which on the body is counted */
  constructor(descriptor: number, path: string, size: number, start = 0) {
    this.#descriptor = descriptor
    this.#path = path
    this.#start = start
    this.#segments = [{ start: 0, end: size }]
  }

  /** Has other parts of what it is now read, in this order; to be called before anything is. */
  cut(segments: readonly Segment[]): void {
    const before = this.#segments
    this.#segments = segments.flatMap(each => (Buffer.isBuffer(each) ? [each] : partsOf(before, each)))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Rejects where the file has become shorter, or cannot be read: what was announced cannot be sent any more. */
  async next(): Promise<IteratorResult<Buffer>> {
    if (this.#ended) return DONE
    const segment = this.#nextSegment()
    if (segment === null) return this.return()
    if (Buffer.isBuffer(segment)) {
      this.#segment++
      return { done: false, value: segment }
    }
    const from = segment.start + this.#offset
    try {
      const piece = await this.#read(from, Math.min(PIECE, segment.end - from))
      // Whoever has stopped meanwhile wants it no more.
      if (this.#ended) return DONE
      this.#offset += piece.length
      return { done: false, value: piece }
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** Closes the file. Again is harmless, and so is while a piece is being read. */
  async return(): Promise<IteratorResult<Buffer>> {
    this.#end()
    return DONE
  }

  #nextSegment(): Segment | null {
    for (; this.#segment < this.#segments.length; this.#segment++, this.#offset = 0) {
      const segment = this.#segments[this.#segment]!
      if (Buffer.isBuffer(segment) || segment.start + this.#offset < segment.end) return segment
    }
    return null
  }

  #read(from: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(length)
    this.#reading = true
    return new Promise((resolve, reject) => {
      read(this.#descriptor, buffer, 0, length, this.#start + from, (error, bytes) => {
        this.#reading = false
        if (this.#ended) void closeFile(this.#descriptor)
        if (error !== null) reject(new Error(`read() "${this.#path}" failed: ${error.message}`))
        else if (bytes === 0)
          reject(new Error(`"${this.#path}" was truncated while it was sent: it ends at ${from}`))
        else resolve(buffer.subarray(0, bytes))
      })
    })
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    if (!this.#reading) void closeFile(this.#descriptor)
  }
}

// What of these lies between two bytes, counted over all of them.
function partsOf(segments: readonly Segment[], { start, end }: { start: number; end: number }): Segment[] {
  const parts: Segment[] = []
  let at = 0
  for (const each of segments) {
    const length = Buffer.isBuffer(each) ? each.length : each.end - each.start
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, length)]
    if (from < to)
      parts.push(
        Buffer.isBuffer(each) ? each.subarray(from, to) : { start: each.start + from, end: each.start + to },
      )
    at += length
  }
  return parts
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }
