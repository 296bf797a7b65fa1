// One message's bytes between a producer and a consumer: in memory first, then in an unlinked file, read
// while still being written. Knows no HTTP and no sockets, and leaves all limits but its own to the store.
//
// A message that has not spilled is one queue, `head`. Once it spills it is three runs, in this order:
//   head  memory, the message's first bytes        [head.start, head.end)
//   file  what lies between                        [spill.from, spill.to)
//   tail  memory, not or not fully on disk yet     [spill.to, tail.end)
// Everything new goes to the tail, one write at a time takes what is there, and a chunk leaves the tail when
// all of it is on the disk. When the reader of a spool that is read once has caught up with the file, the
// file begins anew, so that an endless stream does not grow it for ever.

import { KEPT_PART, MESSAGE_MEMORY, USUAL_ALLOWANCE } from './allowance.ts'
import { Spent } from './backing.ts'
import type { ClientUse } from './budget.ts'
import { ByteQueue } from './queue.ts'
import { SpoolReader } from './reader.ts'
import { Spill } from './spill.ts'
import type { SpoolStore } from './store.ts'

export { SpoolReader } from './reader.ts'

/** `full`: a limit, a share, or chosen as the slowest; `disk`: no space left, or an I/O error. */
export type SpoolTrouble = 'full' | 'disk'

/** A producer that was stopped goes on when the message holds so many bytes less than it may. */
const ROOM = 256 * 1024
/** At the client's pace an answer still holds this much, so that its next bytes are at hand. */
const PACE = 16 * 1024
export class Spool {
  /** The producer may go on. Called once after `write()` said false. */
  onRoom: (() => void) | null = null
  /** Requests only, never after `end()`, at most once: all was given back, and further writes are ignored. */
  onTrouble: ((why: SpoolTrouble, detail: string) => void) | null = null
  readonly request: boolean
  readonly client: string | null
  readonly rereadable: boolean
  /** What it may hold for itself. */
  allowance = USUAL_ALLOWANCE
  /** For the store: what is charged, to whom, and when its first byte was kept (-1: none was). */
  heldMemory = 0
  heldDisk = 0
  use: ClientUse | null = null
  since = -1
  /** For the reader and the store; `dead`: destroyed or refused. */
  readonly store: SpoolStore
  dead = false
  #size = 0
  #ended = false
  #head: ByteQueue | null = null
  /** Made when the message first outgrows memory. */
  #spill: Spill | null = null
  #stopped = false
  #reader: SpoolReader | null = null
  #wasRead = false
  /** What was handed to the reader and is dropped here. */
  readonly spent = new Spent()
  /** On its way through to a waiting reader, stored nowhere. */
  #passing: Buffer | null = null

  /** Made by `SpoolStore.spool()`. */
  constructor(store: SpoolStore, request: boolean, client: string | null, rereadable: boolean) {
    this.store = store
    this.request = request
    this.client = client
    this.rereadable = rereadable
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size
  }

  /** Bytes that went through the disk. */
  get spilled(): number {
    return this.#spill === null ? 0 : this.#spill.written
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether the message has ended and can be read in full. */
  get whole(): boolean {
    return this.#ended && !this.dead && (this.rereadable || !this.#wasRead)
  }

  /**
   * Takes `chunk`, which the caller must not use afterwards (it may become empty). Returns whether the producer may
   * go on; if not, `onRoom` will come. A waiting reader is called before this returns, and so may be `onTrouble`.
   */
  write(chunk: Buffer): boolean {
    if (this.dead || this.#ended) return true
    if (chunk.length === 0) return !this.#stopped
    // A reader that writes into its own spool before it took all: what it left comes first.
    if (this.#passing !== null) this.#settle()
    this.#size += chunk.length
    if (this.#reader?.waiting !== true || this.rereadable || this.#spilling) return this.#keep(chunk)
    this.#passing = chunk
    this.#reader.wake()
    return this.#passing === null ? this.dead || !this.#stopped : this.#settle()
  }

  /** Nothing more will be written. */
  end(): void {
    if (this.dead || this.#ended) return
    this.#ended = true
    if (this.request) this.store.uploaded(this)
    this.#reader?.wake()
  }

  /**
   * Begins to read from the first byte. A re-readable spool can be read again once the earlier reader is
   * closed; any other is read once, and what was read is freed.
   * @throws when it is being read, was read, or is gone: a mistake of the caller
   */
  reader(): SpoolReader {
    if (this.dead || this.#reader !== null || (this.#wasRead && !this.rereadable)) {
      throw new Error(
        `the spool ${this.dead ? 'is gone' : this.#reader !== null ? 'is being read' : 'was read'}`,
      )
    }
    this.#wasRead = true
    this.#reader = new SpoolReader(this)
    return this.#reader
  }

  /** Gives everything back: memory, disk, descriptor. Harmless twice, and in the middle of an operation. */
  destroy(): void {
    this.onRoom = this.onTrouble = null
    this.#leave()
  }

  /** For the store, and for a request's own limits: gives everything back and says why. */
  refuse(why: SpoolTrouble, detail: string): void {
    if (this.dead) return
    const tell = this.onTrouble
    this.store.countRefusal()
    this.destroy()
    tell?.(why, detail)
  }

  /** For the store: there may be room again. Returns whether the producer was let on. */
  tryAgain(): boolean {
    if (this.#spill !== null) this.#spill.full = false
    this.#advance()
    return this.#letOn()
  }

  // — for the reader —

  /** At most `max` bytes of memory from place `at`; null when the next ones are on file or not there yet. */
  peek(at: number, max: number): Buffer | null {
    const passing = this.#passing
    if (passing !== null) {
      const taken = passing.length > max ? passing.subarray(0, max) : passing
      this.#passing = taken === passing ? null : passing.subarray(max)
      this.spent.add(taken)
      this.#head?.jump(at + taken.length)
      return taken
    }
    if (this.#head !== null && at < this.#head.end) return this.#head.at(at, max)
    const spill = this.#spill
    if (spill === null || spill.tail === null || at < spill.to || at >= spill.tail.end) return null
    return spill.tail.at(at, max)
  }

  /** What has gone to the disk; null for a message that was never too long for memory. */
  get file(): Spill | null {
    return this.#spill
  }

  /** The reader has moved on: what it will not ask for again is freed. */
  consumed(): void {
    if (this.rereadable) return
    if (this.#head !== null) this.store.freeMemory(this, this.#head.release(this.#reader!.at, this.spent))
    if (this.#spill !== null) this.#advance()
    if (this.#stopped) this.#letOn()
  }

  unread(reader: SpoolReader): void {
    if (this.#reader === reader) this.#reader = null
  }

  // — for the spill —

  /** The disk, or its budget, refused. A request that is still coming in fails; all else stays in memory. */
  spillRefused(why: SpoolTrouble, detail: string): void {
    if (this.dead) return
    if (this.request && !this.#ended) this.refuse(why, detail)
    else if (why === 'disk') {
      this.store.complain('disk', `${detail}. Answers stay in memory, then go at their client's pace.`)
    }
  }

  /** An operation on the file is over. */
  spillMoved(): void {
    this.#advance()
    this.#letOn()
  }

  // — within —

  /** Whether this message may not, or no longer, go to the disk. */
  get #memoryOnly(): boolean {
    return this.store.folder === null || this.#spill?.lost === true
  }

  /** Whether new bytes go to the tail. */
  get #spilling(): boolean {
    return this.#spill !== null && this.#spill.tail !== null
  }

  /** Stores what a waiting reader did not take. */
  #settle(): boolean {
    const rest = this.#passing!
    this.#passing = null
    return this.#keep(rest)
  }

  /** Stores `chunk`, the newest bytes of the message, which its size already counts. */
  #keep(chunk: Buffer): boolean {
    if (this.#head === null) this.#head = new ByteQueue(this.#size - chunk.length)
    const queue = this.#spill?.tail ?? this.#head
    queue.push(chunk)
    this.store.chargeMemory(this, chunk.length)
    this.#reader?.wake()
    if (this.dead) return true
    if (!this.#spilling) {
      const fits = this.store.memoryFits(this, 0)
      const memoryOnly = this.#memoryOnly
      if (fits && (memoryOnly || this.#head.bytes <= this.allowance.memory)) return !this.#stopped
      if (!memoryOnly) {
        this.#spill ??= new Spill(this)
        this.#spill.begin(this.#head.split(fits ? this.allowance.memory / KEPT_PART : 0))
      } else if (this.request && !this.#ended) {
        this.refuse('full', this.store.why(this, false, 0))
        return true
      }
    }
    this.#advance()
    // A producer that was stopped and writes all the same stays stopped: `onRoom` has been promised to it.
    return this.dead || (!this.#stopped && this.#go(0))
  }

  /** Begins the next write, from the file's start if the reader has passed all that is in it. */
  #advance(): void {
    const spill = this.#spill
    if (spill === null || spill.tail === null || spill.busy || this.dead) return
    const reader = this.#reader
    if (!this.rereadable && reader !== null && reader.at >= spill.to) {
      const short = this.#size - reader.at <= this.allowance.memory / 2 && this.store.memoryFits(this, 0)
      this.#head = spill.rewind(reader.at, short || spill.lost) ?? this.#head
    }
    spill.write(reader?.at)
  }

  /** Whether the producer may go on, with `less` to spare while a disk works; if not, it is stopped. */
  #go(less: number): boolean {
    const { store, allowance } = this
    const fits = store.memoryFits(this, 0)
    const spill = this.#spill
    const stored = (this.#head?.bytes ?? 0) + (spill?.tail?.bytes ?? 0)
    const working = spill?.working === true
    const paced = spill?.used === true && stored > allowance.memory
    // While a disk takes the rest: up to the message's own bound, or nothing that is not written.
    const most = Math.max(MESSAGE_MEMORY, allowance.memory) - less
    const idle = (fits && !paced) || stored <= PACE
    const room = !working ? idle : fits ? stored <= most : spill.tail!.end === spill.to
    this.#stopped = !room
    if (room) store.unpace(this)
    else if (!working && !this.request && !paced) {
      store.pace(this)
      store.complain('limit', `${store.why(this, false, 0)}. Answers go at their client's pace.`)
    }
    return room
  }

  #letOn(): boolean {
    if (!this.#stopped || this.dead || !this.#go(ROOM)) return false
    this.onRoom?.()
    return true
  }

  #leave(): void {
    if (this.dead) return
    this.dead = true
    this.store.left(this)
    this.#reader?.close()
    this.#head = this.#passing = null
    const spill = this.#spill
    if (spill === null) {
      this.store.gone(this)
      return
    }
    // What is being written, or read into, stays charged until that has ended.
    const inFlight = Math.min(spill.inFlight, this.heldMemory)
    this.store.freeMemory(this, this.heldMemory - inFlight)
    spill.close(() => this.store.gone(this))
  }
}
