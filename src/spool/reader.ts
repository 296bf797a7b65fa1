// One reading of a spool from its first byte: from memory at once, from the file by reads of its own. Knows
// where it stands; what is kept, and where, is the spool's affair.

import { ReadAhead } from './read-ahead.ts'
import type { Spool } from './spool.ts'

/** Bytes handed out at a time unless told otherwise. */
const PIECE = 64 * 1024

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
  /** Made once there is a file. */
  #ahead: ReadAhead | null = null
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
    const file = this.#ahead ?? this.#look()
    const bytes = file?.take(this.at, max) ?? this.#spool.peek(this.at, max)
    if (bytes !== null) {
      this.at += bytes.length
      file?.ahead(this.at)
      this.#spool.consumed()
      return bytes
    }
    if (file?.fetch(this.at) === true) {
      this.#wanted = true
      return null
    }
    file?.drop()
    this.waiting = !this.finished
    return null
  }

  /**
   * The caller uses none of the Buffers it was given any more (all were sent): their memory is given back, and the
   * file may be read into the same buffers again. Need not be called; but without it each read makes garbage,
   * which V8 lets grow to some 64 MB.
   */
  reuse(): void {
    this.#spool.spent.giveBack()
    this.#ahead?.reuse()
  }

  /** Ends the reading. A spool that is not re-readable cannot be read again. Harmless twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.waiting = this.#wanted = false
    this.#ahead?.close()
    this.#spool.unread(this)
  }

  /** For the spool: there is something to read now, or the end has come. */
  wake(): void {
    if (!this.waiting) return
    this.waiting = false
    this.onReadable?.()
  }

  #look(): ReadAhead | null {
    const file = this.#spool.file
    if (file !== null) this.#ahead = new ReadAhead(this.#spool, file, this.#arrived, this.#fail)
    return this.#ahead
  }

  readonly #arrived = (): void => {
    if (!this.#wanted) return
    this.#wanted = false
    this.onReadable?.()
  }

  readonly #fail = (detail: string): void => {
    this.#failed = true
    this.onError?.(`reading back from the spool's disk failed: ${detail}`)
  }
}
