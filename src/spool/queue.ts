// A run of bytes in memory, held as the chunks in which they came, addressed by their place in the message.
// Decides which chunks are kept as they are and which are copied. Counts nothing against a budget, and never
// changes a byte it has handed out, nor frees one; what nobody has looked at it frees as soon as it is dropped.

import { giveBack, type Spent } from './backing.ts'

/** Chunks below this many bytes are gathered: a kept Buffer costs some 200 bytes whatever it holds. */
const SMALL = 1024
/** The largest slab in which small chunks are gathered, in bytes. */
const SLAB = 16 * 1024
/** A chunk of this many bytes or more gets memory of its own when it has to be copied. */
const OWN = 4096
/** Dropped entries at the front of the list are swept once there are this many. */
const SWEEP_AT = 64

const nothing = Buffer.alloc(0)

export class ByteQueue {
  #chunks: Buffer[] = []
  #first = 0
  #start: number
  #end: number
  // Where the last look-up ended, so that reading on does not search.
  #cursor = 0
  #cursorAt: number
  /** The place up to which chunks were handed out to be read. */
  #lentTo = 0
  #slab: Buffer | null = null
  #slabUsed = 0

  /** `at`: the place in the message, in bytes, of the first byte that will be pushed. */
  constructor(at: number) {
    this.#start = this.#end = this.#cursorAt = at
  }

  /** The place of the first byte that is kept: that of a whole chunk, which may have been read in part. */
  get start(): number {
    return this.#start
  }

  /** The place just past the last byte. */
  get end(): number {
    return this.#end
  }

  /** Bytes kept. A chunk counts in full until all of it is released, since that is when its memory goes. */
  get bytes(): number {
    return this.#end - this.#start
  }

  /** Moves an empty queue on to `at`: the bytes between went another way. */
  jump(at: number): void {
    this.#start = this.#end = this.#cursorAt = at
  }

  /** Appends `chunk`, whose memory is the queue's from now on; copied if it is small or a view that would keep more than twice its size alive. */
  push(chunk: Buffer): void {
    const length = chunk.length
    if (length >= SMALL && chunk.buffer.byteLength <= 2 * length) this.#append(chunk)
    else this.#copy(chunk, length)
    this.#end += length
  }

  /** At most `max` bytes from place `at`, which must lie in the queue; a view, never a copy. */
  at(at: number, max: number): Buffer {
    const index = this.#seek(at)
    const chunk = this.#chunks[index]!
    const from = at - this.#cursorAt
    this.#lentTo = Math.max(this.#lentTo, this.#cursorAt + chunk.length)
    if (from === 0 && chunk.length <= max) return chunk
    return chunk.subarray(from, Math.min(chunk.length, from + max))
  }

  /**
   * Drops the chunks that end at or before `to`. Returns how many bytes that gave back. Those that somebody may
   * still look at go to `spent`, for whoever knows when that is over.
   */
  release(to: number, spent: Spent): number {
    const before = this.#start
    while (this.#first < this.#chunks.length) {
      const chunk = this.#chunks[this.#first]!
      const { length } = chunk
      if (this.#start + length > to) break
      this.#chunks[this.#first++] = nothing
      if (this.#start >= this.#lentTo) giveBack(chunk)
      else spent.add(chunk)
      this.#start += length
    }
    if (this.#first === this.#chunks.length) this.#clear()
    else if (this.#first >= SWEEP_AT && this.#first * 2 >= this.#chunks.length) this.#sweep()
    return this.#start - before
  }

  /** Moves every chunk that does not lie within the first `keep` bytes to a new queue. */
  split(keep: number): ByteQueue {
    let index = this.#first
    let at = this.#start
    while (index < this.#chunks.length && at + this.#chunks[index]!.length - this.#start <= keep) {
      at += this.#chunks[index++]!.length
    }
    const rest = new ByteQueue(at)
    rest.#chunks = this.#chunks.splice(index)
    rest.#end = this.#end
    rest.#lentTo = this.#lentTo
    this.#end = at
    this.#slab = null
    this.#cursor = this.#first
    this.#cursorAt = this.#start
    return rest
  }

  /** The chunks from place `from` on, about `max` bytes and at most 256 of them, to be written in one go. */
  batch(from: number, max: number): Buffer[] {
    const list: Buffer[] = []
    // What is being written must not be replaced by a longer view of the same slab.
    this.#slab = null
    if (from >= this.#end) return list
    let index = this.#seek(from)
    const first = this.#chunks[index]!
    const skip = from - this.#cursorAt
    list.push(skip === 0 ? first : first.subarray(skip))
    let bytes = first.length - skip
    while (++index < this.#chunks.length && bytes < max && list.length < 256) {
      const chunk = this.#chunks[index]!
      list.push(chunk)
      bytes += chunk.length
    }
    return list
  }

  #append(chunk: Buffer): void {
    this.#slab = null
    this.#chunks.push(chunk)
  }

  #copy(chunk: Buffer, length: number): void {
    const last = this.#chunks.length - 1
    if (this.#slab !== null && last >= this.#first && length <= this.#slab.length - this.#slabUsed) {
      // The newest chunk is the filled part of the slab: it grows, keeping its first byte where it was.
      const filled = this.#chunks[last]!.length
      this.#slab.set(chunk, this.#slabUsed)
      this.#slabUsed += length
      this.#chunks[last] = this.#slab.subarray(this.#slabUsed - filled - length, this.#slabUsed)
      return
    }
    // One small chunk alone gets just what it needs: most small messages are one chunk.
    if (length >= OWN || this.#end === this.#start) {
      const own = Buffer.allocUnsafeSlow(length)
      own.set(chunk)
      this.#append(own)
      return
    }
    // The slab grows with what is kept, so that a small message never holds a large one.
    const slab = Buffer.allocUnsafeSlow(Math.min(SLAB, Math.max(OWN, this.#end - this.#start)))
    slab.set(chunk)
    this.#slab = slab
    this.#slabUsed = length
    this.#chunks.push(slab.subarray(0, length))
  }

  /** The index of the chunk that holds place `at`; the cursor is left on it. */
  #seek(at: number): number {
    if (at < this.#cursorAt || this.#cursor < this.#first) {
      this.#cursor = this.#first
      this.#cursorAt = this.#start
    }
    let length = this.#chunks[this.#cursor]!.length
    while (at >= this.#cursorAt + length) {
      this.#cursorAt += length
      length = this.#chunks[++this.#cursor]!.length
    }
    return this.#cursor
  }

  #clear(): void {
    this.#chunks.length = this.#first = this.#cursor = 0
    this.#cursorAt = this.#start
    this.#slab = null
  }

  #sweep(): void {
    this.#chunks.splice(0, this.#first)
    this.#cursor = Math.max(0, this.#cursor - this.#first)
    if (this.#cursor === 0) this.#cursorAt = this.#start
    this.#first = 0
  }
}
