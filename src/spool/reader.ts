// One reading of a spool from its first byte: from memory at once, from the file by reads of its own. Knows
// where it stands; what is kept, and where, is the spool's affair.

import type { Spool } from './spool.ts'

/** Bytes handed out at a time unless told otherwise. */
const PIECE = 64 * 1024
/** Bytes read from the file at a time: with memory in plenty, and when there is none. */
const READ = 256 * 1024
const READ_SHORT = 32 * 1024

export class SpoolReader {
  /** Called once after `read()` gave null, when there is something to read or all has been read. */
  onReadable: (() => void) | null = null
  /** The disk did not give back what was written. Nothing more will come. */
  onError: ((detail: string) => void) | null = null
  /** For the spool: how far the reader has come, and whether it waits for bytes that are not there yet. */
  at = 0
  waiting = false
  readonly #spool: Spool
  #closed = false
  #failed = false
  /** What came from the file and is not handed out in full yet. */
  #ready: Buffer | null = null
  #readyFrom = 0
  /** The buffer for reads of the file, whose size is what is charged; may it be filled again? */
  #buffer: Buffer | null = null
  #reusable = false
  #reading = false
  /** Whether `read()` gave null because a read of the file was under way. */
  #wanted = false

  constructor(spool: Spool) {
    this.#spool = spool
  }

  /** Whether all was read and the spool has ended. */
  get finished(): boolean {
    return this.#spool.ended && this.at === this.#spool.size && !this.#closed && !this.#spool.dead
  }

  /**
   * The bytes available now, at most `max` of them, or null; `onReadable` then comes once. The Buffer is the
   * caller's to read, not to change. Null for good, without a call, once the reader or its spool is gone.
   */
  read(max = PIECE): Buffer | null {
    if (this.#closed || this.#failed || this.#spool.dead) return null
    if (this.#ready !== null) return this.#piece(this.#ready, max)
    if (this.#reading) {
      this.#wanted = true
      return null
    }
    const bytes = this.#spool.peek(this.at, max)
    if (bytes !== null) {
      this.at += bytes.length
      this.#spool.consumed()
      return bytes
    }
    const onFile = this.#spool.onFile(this.at)
    if (onFile > 0) {
      this.#wanted = true
      this.#fetch(onFile)
      return null
    }
    this.#drop()
    this.waiting = !this.finished
    return null
  }

  /**
   * The caller uses none of the Buffers it was given any more (all were sent), so that the file may be read
   * into the same memory again. Need not be called; but without it each read of the file makes garbage, which
   * V8 lets grow to some 64 MB.
   */
  reuse(): void {
    if (this.#ready === null) this.#reusable = true
  }

  /** Ends the reading. A spool that is not re-readable cannot be read again. Harmless twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.waiting = this.#wanted = false
    this.#ready = null
    this.#drop()
    this.#spool.unread(this)
  }

  /** For the spool: there is something to read now, or the end has come. */
  wake(): void {
    if (!this.waiting) return
    this.waiting = false
    this.onReadable?.()
  }

  #piece(ready: Buffer, max: number): Buffer {
    const from = this.#readyFrom
    const to = Math.min(ready.length, from + max)
    this.#readyFrom = to
    if (to === ready.length) this.#ready = null
    this.at += to - from
    this.#spool.consumed()
    return from === 0 && to === ready.length ? ready : ready.subarray(from, to)
  }

  #fetch(onFile: number): void {
    const size = Math.min(onFile, this.#spool.store.ample ? READ : READ_SHORT)
    let buffer = this.#buffer
    if (buffer === null || !this.#reusable || buffer.length < size || buffer.length > 2 * size) {
      this.#drop()
      this.#buffer = buffer = Buffer.allocUnsafeSlow(size)
      this.#spool.store.chargeMemory(this.#spool, size)
    }
    this.#reusable = false
    this.#reading = true
    this.#spool.readFile(
      buffer.length > size ? buffer.subarray(0, size) : buffer,
      this.at,
      (error, bytes) => {
        this.#reading = false
        if (this.#closed || this.#spool.dead) return
        if (error !== null || bytes === 0)
          return this.#fail(error?.message ?? 'the file is shorter than what was written')
        this.#ready = bytes < buffer.length ? buffer.subarray(0, bytes) : buffer
        this.#readyFrom = 0
        if (!this.#wanted) return
        this.#wanted = false
        this.onReadable?.()
      },
    )
  }

  #fail(detail: string): void {
    this.#failed = true
    this.#drop()
    this.onError?.(`reading back from the spool's disk failed: ${detail}`)
  }

  /** Gives up the buffer. A destroyed spool has given all back already. */
  #drop(): void {
    if (this.#buffer === null) return
    if (!this.#spool.dead) this.#spool.store.freeMemory(this.#spool, this.#buffer.length)
    this.#buffer = null
  }
}
