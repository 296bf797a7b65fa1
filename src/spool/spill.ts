// The part of a message that has outgrown memory: its file, and the tail of bytes on their way there. Decides
// where in the file a byte lies and when the next write begins; whether to spill at all, and what a failing
// disk means for the message, is the spool's to say.

import { SpoolFile } from './file.ts'
import type { ByteQueue } from './queue.ts'
import type { Spool } from './spool.ts'

/**
 * Bytes of one write: few enough that the producer fills the next while it runs. Fewer with a reader close behind, which wants
 * them at once. Measured with 60 MB for a slow reader, by a process that has just begun: 256 KB 70 ms, 512 KB 62, 1 MB 65 (each
 * write wakes a thread, and the thread us); with a reader at full speed 512 KB took a tenth of its speed.
 */
const BATCH = 512 * 1024
const BATCH_CLOSE = 256 * 1024
/** A reader that has not more than so many bytes of the file before it is close behind. */
const CLOSE = 4 * 2 ** 20
/**
 * Fewer bytes than this wait for more: each write wakes a thread, and the thread wakes us. Measured with 60 uploads at 1 MB
 * a second, which come in pieces of 20 KB: 6.0 s of processor time a gigabyte when each was written by itself, 4.0 so.
 */
const WORTH = 128 * 1024
/** A file longer than this is emptied when it begins anew; a shorter one is written over. */
const EMPTY_ABOVE = 2 ** 20

export class Spill {
  /** Bytes not, or not in whole chunks, on the disk yet; null while the message fits into memory again. */
  tail: ByteQueue | null = null
  /** The file holds the bytes of the message from place `from` to place `to`. */
  from = 0
  to = 0
  /** Whether an operation that changes the file is under way. */
  busy = false
  /** The disk failed: this message will not try it again. */
  lost = false
  /** The budget of disk refused; to be tried again when some has come back. */
  full = false
  /** It is so for this message's own sake: all that it may have of the disk is used. */
  used = false
  /** Bytes written to the disk in all. */
  written = 0
  readonly #owner: Spool
  readonly #file: SpoolFile
  #opened = false
  /** Bytes of memory that reads under way are filling. */
  #filling = 0

  constructor(owner: Spool) {
    this.#owner = owner
    this.#file = new SpoolFile(owner.store.folder!)
  }

  /** Whether the disk takes what the tail holds. */
  get working(): boolean {
    return this.tail !== null && !this.lost && !this.full
  }

  /** Bytes of memory that the operations under way still need. */
  get inFlight(): number {
    return this.#filling + (this.busy && this.tail !== null ? this.tail.bytes : 0)
  }

  /** Sends all of `tail`, and what is pushed to it, to the file. */
  begin(tail: ByteQueue): void {
    this.tail = tail
    this.from = this.to = tail.start
  }

  /** Begins the next write, if there is something to write and nothing under way. @param readTo the place of its reader; null: there is none */
  write(readTo: number | null = null): void {
    const owner = this.#owner
    const tail = this.tail
    if (this.busy || tail === null || this.lost || this.full || this.to === tail.end) return
    if (this.#mayWait(tail.end - this.to)) return
    const chunks = tail.batch(this.to, readTo !== null && this.to - readTo < CLOSE ? BATCH_CLOSE : BATCH)
    let bytes = 0
    for (const chunk of chunks) bytes += chunk.length
    const growth = this.to + bytes - this.from - owner.heldDisk
    this.used = growth > 0 && owner.heldDisk + growth > owner.allowance.disk
    if (this.used) {
      this.full = true
      return
    }
    if (growth > 0 && !owner.store.takeDisk(owner, growth)) {
      this.full = true
      owner.spillRefused('full', owner.store.why(owner, true, growth))
      return
    }
    this.busy = this.#opened = true
    this.#file.write(chunks, this.to - this.from, (error, written) => {
      this.busy = false
      if (owner.dead) return
      if (error !== null || written === 0) {
        this.lost = true
        owner.spillRefused('disk', `${owner.store.limits.dir}: ${error?.message ?? 'the disk takes nothing'}`)
      } else {
        this.to += written
        this.written += written
        owner.store.freeMemory(owner, tail.release(this.to, owner.spent))
      }
      owner.spillMoved()
    })
  }

  /** Whether so many bytes may stay in memory for now. */
  #mayWait(bytes: number): boolean {
    const owner = this.#owner
    const { store, allowance } = owner
    return bytes < Math.min(WORTH, allowance.memory) && store.ample && store.memoryFits(owner, 0)
  }

  /**
   * Everything before place `at` was read, which is all that is on file: the next byte goes to the file's
   * start, so that an endless message does not grow it for ever. `back`: no more of it is to be spilled;
   * then the tail is handed back.
   */
  rewind(at: number, back: boolean): ByteQueue | null {
    const owner = this.#owner
    const tail = this.tail!
    owner.store.freeMemory(owner, tail.release(at, owner.spent))
    this.from = this.to = at
    this.full = this.used = false
    if (back) this.tail = null
    if (this.#opened && owner.heldDisk > EMPTY_ABOVE) {
      this.busy = true
      this.#file.truncate(error => {
        this.busy = false
        if (owner.dead) return
        if (error === null) owner.store.freeDisk(owner, owner.heldDisk)
        owner.spillMoved()
      })
    }
    return back ? tail : null
  }

  /** How many bytes the file has from place `at` on. */
  onFile(at: number): number {
    return this.tail === null ? 0 : Math.max(0, this.to - at)
  }

  /** Fills `buffer` with what the file has from place `at` on. */
  read(buffer: Buffer, at: number, done: (error: Error | null, bytes: number) => void): void {
    const { byteLength } = buffer.buffer
    this.#filling += byteLength
    this.#file.read(buffer, at - this.from, (error, bytes) => {
      this.#filling -= byteLength
      done(error, bytes)
    })
  }

  /** Closes the file when its last operation is over; then calls `done`. */
  close(done: () => void): void {
    this.tail = null
    this.#file.close(done)
  }
}
