// A stream of zlib's between two parts of the answer: its work is done in Node's threads, and what waits for it, or for
// whoever takes what it makes, is bounded by its two buffers. Knows no format.

import { constants, type Gunzip, type Gzip } from 'node:zlib'
import { type BodyFilter, NOBODY } from '../body-filter.ts'

/** What zlib gives out at once, and what may wait on either side of it, in bytes. */
export const ZLIB_PIECE = 16 * 1024

export class ZlibFilter implements BodyFilter {
  onData = NOBODY.onData
  onEnd = NOBODY.onEnd
  onRoom = NOBODY.onRoom
  onError = NOBODY.onError
  #bytesIn = 0
  #bytesOut = 0
  readonly #stream: Gzip | Gunzip
  /** Something was written since the last flush. */
  #unflushed = false
  readonly #done: (bytesIn: number, bytesOut: number) => void
  #destroyed = false
  /** The head of the format, which zlib gives out before it has anything else to say. */
  #head: Buffer | null = null

  /**
   * @param done is told at the end, or when the rest is not wanted, how many bytes zlib was given and gave
   * @param headLength bytes of a head that is not sent alone: what follows it comes at the latest with the next flush
   */
  constructor(
    stream: Gzip | Gunzip,
    done: (bytesIn: number, bytesOut: number) => void = () => {},
    headLength = 0,
  ) {
    this.#stream = stream
    this.#done = done
    stream.on('data', (piece: Buffer) => {
      if (this.#destroyed) return
      this.#bytesOut += piece.length
      if (this.#bytesOut === headLength) this.#head = piece
      else if (!this.onData(this.#behindHead(piece))) stream.pause()
    })
    stream.on('drain', () => {
      if (!this.#destroyed) this.onRoom()
    })
    stream.on('end', () => {
      if (this.#destroyed) return
      this.#done(this.#bytesIn, this.#bytesOut)
      this.onEnd()
    })
    stream.on('error', ({ message }) => {
      if (this.#destroyed) return
      this.destroy()
      this.onError(message)
    })
  }

  write(piece: Buffer): boolean {
    if (this.#destroyed) return true
    this.#bytesIn += piece.length
    this.#unflushed = true
    // A copy, as zlib reads it later, in another thread.
    return this.#stream.write(Buffer.from(piece))
  }

  #behindHead(piece: Buffer): Buffer {
    const head = this.#head
    this.#head = null
    return head === null ? piece : Buffer.concat([head, piece])
  }

  flush(): void {
    if (!this.#unflushed || this.#destroyed) return
    this.#unflushed = false
    this.#stream.flush(constants.Z_SYNC_FLUSH)
  }

  end(): void {
    if (!this.#destroyed) this.#stream.end()
  }

  resume(): void {
    if (!this.#destroyed) this.#stream.resume()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    if (!this.#stream.readableEnded) this.#done(this.#bytesIn, this.#bytesOut)
    this.#stream.destroy()
  }
}
