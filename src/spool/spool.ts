// One message's bytes between a producer and a consumer: in memory first, then in an unlinked file, read
// while still being written. Knows no HTTP and no sockets, and leaves all limits but its own to the store.
//
// A message that has not spilled is one queue, `head`. Once it spills it is three runs, in this order:
//   head  memory, the message's first bytes        [head.start, head.end)
//   file  what lies between                        [#fileFrom, #fileTo)
//   tail  memory, not or not fully on disk yet     [#fileTo, tail.end)
// Everything new goes to the tail, one write at a time takes what is there, and a chunk leaves the tail when
// all of it is on the disk. When the reader of a spool that is read once has caught up with the file, the
// file begins anew, so that an endless stream does not grow it for ever.

import type { ClientUse } from './budget.ts'
import { SpoolFile } from './file.ts'
import { ByteQueue } from './queue.ts'
import { SpoolReader } from './reader.ts'
import type { SpoolStore } from './store.ts'

export { SpoolReader } from './reader.ts'

/** `full`: a limit, a share, or chosen as the slowest; `disk`: no space left, or an I/O error. */
export type SpoolTrouble = 'full' | 'disk'

/** Bytes one message may hold in memory while a disk takes the rest. */
export const MESSAGE_MEMORY = 2 ** 20
/** Of those, the first bytes, which never go to the disk. */
const KEEP = MESSAGE_MEMORY / 2
/** A producer that was stopped goes on when the message holds no more than this. */
const ROOM_AT = MESSAGE_MEMORY - 256 * 1024
/** At the client's pace an answer still holds this much, so that its next bytes are at hand. */
const PACE = 16 * 1024
/** Bytes of one write. */
const BATCH = 512 * 1024
/** A file longer than this is emptied when it begins anew; a shorter one is written over. */
const EMPTY_ABOVE = MESSAGE_MEMORY

export class Spool {
  /** The producer may go on. Called once after `write()` said false. */
  onRoom: (() => void) | null = null
  /** Requests only, never after `end()`, at most once: all was given back, and further writes are ignored. */
  onTrouble: ((why: SpoolTrouble, detail: string) => void) | null = null
  readonly request: boolean
  readonly client: string | null
  readonly rereadable: boolean
  /** For the store: what is charged to this spool, to whom, and when its first byte was kept (-1: none was). */
  heldMemory = 0
  heldDisk = 0
  use: ClientUse | null = null
  since = -1
  /** For the reader and the store. */
  readonly store: SpoolStore
  /** Destroyed or refused. */
  dead = false

  #size = 0
  #spilled = 0
  #ended = false
  #head: ByteQueue | null = null
  #tail: ByteQueue | null = null
  #file: SpoolFile | null = null
  #fileFrom = 0
  #fileTo = 0
  #writing = false
  /** The disk failed; or its budget did, for now. Either way an answer stays in memory. */
  #diskLost: boolean
  #diskFull = false
  #stopped = false
  #reader: SpoolReader | null = null
  #wasRead = false
  /** A chunk on its way through to a waiting reader, stored nowhere. */
  #passing: Buffer | null = null

  /** Made by `SpoolStore.spool()`. */
  constructor(store: SpoolStore, request: boolean, client: string | null, rereadable: boolean) {
    this.store = store
    this.request = request
    this.client = client
    this.rereadable = rereadable
    this.#diskLost = store.folder === null
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size
  }

  /** Bytes that went through the disk. */
  get spilled(): number {
    return this.#spilled
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether the message has ended and can be read in full. */
  get whole(): boolean {
    return this.#ended && !this.dead && (this.rereadable || !this.#wasRead)
  }

  /**
   * Takes `chunk`, which the caller must not change afterwards, and always keeps it. Returns whether the
   * producer may go on; if not, `onRoom` will come. A waiting reader is called before this returns, and so
   * may be `onTrouble`.
   */
  write(chunk: Buffer): boolean {
    if (this.dead || this.#ended) return true
    if (chunk.length === 0) return !this.#stopped
    // A reader that writes into its own spool before it took all: what it left comes first.
    if (this.#passing !== null) this.#settle()
    this.#size += chunk.length
    if (this.#reader?.waiting !== true || this.#tail !== null || this.rereadable) return this.#keep(chunk)
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
    this.#diskFull = false
    this.#pump()
    return this.#letOn()
  }

  // — for the reader —

  /** At most `max` bytes of memory from place `at`; null when the next ones are on file or not there yet. */
  peek(at: number, max: number): Buffer | null {
    const passing = this.#passing
    if (passing !== null) {
      const taken = passing.length > max ? passing.subarray(0, max) : passing
      this.#passing = taken === passing ? null : passing.subarray(max)
      this.#head?.jump(at + taken.length)
      return taken
    }
    if (this.#head !== null && at < this.#head.end) return this.#head.at(at, max)
    if (this.#tail !== null && at >= this.#fileTo && at < this.#tail.end) return this.#tail.at(at, max)
    return null
  }

  /** How many bytes the file has from place `at` on. */
  onFile(at: number): number {
    return this.#tail === null ? 0 : Math.max(0, this.#fileTo - at)
  }

  readFile(buffer: Buffer, at: number, done: (error: Error | null, bytes: number) => void): void {
    this.#file!.read(buffer, at - this.#fileFrom, done)
  }

  /** The reader has moved on: what it will not ask for again is freed. */
  consumed(): void {
    if (this.rereadable) return
    if (this.#head !== null) this.store.freeMemory(this, this.#head.release(this.#reader!.at))
    if (this.#tail !== null && this.#reader!.at >= this.#fileTo) this.#pump()
    if (this.#stopped) this.#letOn()
  }

  unread(reader: SpoolReader): void {
    if (this.#reader === reader) this.#reader = null
  }

  // — within —

  /** Bytes of the message in memory. */
  get #stored(): number {
    return (this.#head?.bytes ?? 0) + (this.#tail?.bytes ?? 0)
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
    const queue = this.#tail ?? this.#head
    queue.push(chunk)
    this.store.chargeMemory(this, chunk.length)
    this.#reader?.wake()
    if (this.dead) return true
    if (this.#tail === null) {
      const fits = this.store.memoryFits(this, 0)
      if (fits && (this.#diskLost || this.#head.bytes <= MESSAGE_MEMORY)) return !this.#stopped
      if (!this.#diskLost) this.#spill(fits ? KEEP : 0)
      else if (this.request && !this.#ended) {
        this.refuse('full', this.store.why(this, false, 0))
        return true
      }
    }
    this.#pump()
    return this.dead || this.#go(MESSAGE_MEMORY)
  }

  #spill(keep: number): void {
    this.#tail = this.#head!.split(keep)
    this.#fileFrom = this.#fileTo = this.#tail.start
  }

  /** Begins the next write, if there is something to write and nothing under way. */
  #pump(): void {
    if (this.#writing || this.dead) return
    if (!this.rereadable && this.#reader !== null && this.#tail !== null && this.#reader.at >= this.#fileTo) {
      this.#rewind(this.#tail, this.#reader.at)
    }
    const tail = this.#tail
    if (tail === null || this.#writing || this.#diskLost || this.#diskFull || this.#fileTo === tail.end)
      return
    const chunks = tail.batch(this.#fileTo, BATCH)
    let bytes = 0
    for (const chunk of chunks) bytes += chunk.length
    const growth = this.#fileTo + bytes - this.#fileFrom - this.heldDisk
    if (growth > 0 && !this.store.takeDisk(this, growth)) {
      this.#noDisk('full', this.store.why(this, true, growth))
      return
    }
    this.#file ??= new SpoolFile(this.store.folder!)
    this.#writing = true
    this.#file.write(chunks, this.#fileTo - this.#fileFrom, (error, written) => {
      this.#writing = false
      if (this.dead) return
      if (error !== null || written === 0) {
        this.#noDisk('disk', `${this.store.limits.dir}: ${error?.message ?? 'the disk takes nothing'}`)
      } else {
        this.#fileTo += written
        this.#spilled += written
        this.store.freeMemory(this, tail.release(this.#fileTo))
        this.#pump()
      }
      if (!this.dead) this.#letOn()
    })
  }

  /** The reader has passed all that is on file: the next write begins at the file's start. */
  #rewind(tail: ByteQueue, at: number): void {
    this.store.freeMemory(this, tail.release(at))
    this.#fileFrom = this.#fileTo = at
    this.#diskFull = false
    if (this.#diskLost || (this.#size - at <= KEEP && this.store.memoryFits(this, 0))) {
      this.#head = tail
      this.#tail = null
    }
    if (this.#file === null || this.heldDisk <= EMPTY_ABOVE) return
    this.#writing = true
    this.#file.truncate(error => {
      this.#writing = false
      if (this.dead) return
      if (error === null) this.store.freeDisk(this, this.heldDisk)
      this.#pump()
      this.#letOn()
    })
  }

  /** The disk refused. A request that is still coming in fails; all else stays in memory. */
  #noDisk(why: SpoolTrouble, detail: string): void {
    if (this.dead) return
    if (this.request && !this.#ended) {
      this.refuse(why, detail)
      return
    }
    if (why === 'full') {
      this.#diskFull = true
      return
    }
    this.#diskLost = true
    this.store.complain('disk', `${detail}. Answers stay in memory, then go at their client's pace.`)
  }

  /** Whether the producer may go on with the message holding up to `most` bytes; if not, it is stopped. */
  #go(most: number): boolean {
    const fits = this.store.memoryFits(this, 0)
    const spilling = this.#tail !== null && !this.#diskLost && !this.#diskFull
    let room: boolean
    if (spilling) room = fits ? this.#stored <= most : this.#tail!.end === this.#fileTo
    else room = fits || this.#stored <= PACE
    this.#stopped = !room
    if (room) this.store.unpace(this)
    else if (!spilling && !this.request) {
      this.store.pace(this)
      this.store.complain('limit', `${this.store.why(this, false, 0)}. Answers go at their client's pace.`)
    }
    return room
  }

  #letOn(): boolean {
    if (!this.#stopped || this.dead || !this.#go(ROOM_AT)) return false
    this.onRoom?.()
    return true
  }

  #leave(): void {
    if (this.dead) return
    this.dead = true
    this.store.left(this)
    this.#reader?.close()
    this.#head = this.#passing = null
    const file = this.#file
    // What is being written stays charged until the write has ended.
    const inFlight = this.#writing ? Math.min(this.#tail?.bytes ?? 0, this.heldMemory) : 0
    this.#tail = null
    if (file === null) {
      this.store.gone(this)
      return
    }
    this.store.freeMemory(this, this.heldMemory - inFlight)
    file.close(() => this.store.gone(this))
  }
}
