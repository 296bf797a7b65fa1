// An answer on its way into a cache, beside its way to the client: written to a file of another name, which takes its
// place once it is whole. Takes bytes as fast as the disk does, and asks to wait only for that. Whatever goes wrong with
// it, the client notices nothing.

import { threadId } from 'node:worker_threads'
import { closeFile, FRESH, moved, opened, unlinked, written } from '../disk/calls.ts'
import { DiskFailure } from '../disk/failure.ts'
import { type CacheRecord, writeRecord } from './record.ts'
import type { CacheStore } from './store.ts'

/** Bytes that may wait for the disk, as with a spool (docs/architecture.md). */
const MOST_WAITING = 1024 * 1024
/** An answer that is no larger is written at once, at its end. */
const PIECE = 64 * 1024

let made = 0

export interface FillEnd {
  /** All of it has come, and is about to be there. */
  whole(): void
  /** It is there, of so many bytes. */
  stored(bytes: number): void
  /** It is not kept. */
  failed(): void
}

export class Fill {
  /** There is room again, after `write` returned false. */
  onRoom: (() => void) | null = null
  /** The last piece was to be the last until there is room. */
  full = false
  readonly #store: CacheStore
  readonly #file: string
  readonly #folder: string
  readonly #temporary: string
  readonly #record: CacheRecord
  readonly #end: FillEnd
  readonly #bodyStart: number
  #pieces: Buffer[] = []
  #waiting = 0
  #written = 0
  #descriptor = -1
  /** The other name is there. */
  #named = false
  #state: 'open' | 'whole' | 'over' = 'open'
  #running = false

  /** @param digest names the file that it becomes */
  constructor(store: CacheStore, digest: string, record: CacheRecord, end: FillEnd) {
    this.#store = store
    this.#record = record
    this.#end = end
    const { folder, file } = store.place(digest)
    this.#folder = folder
    this.#file = file
    this.#temporary = `${file}.${process.pid}.${threadId}.${++made}`
    this.#bodyStart = writeRecord(record, 0).length
  }

  /** Nothing more becomes of it. */
  get over(): boolean {
    return this.#state === 'over' && !this.#running && !this.#named
  }

  /** Takes a piece, which may change after the call. False: the next one is to wait for `onRoom`. */
  write(piece: Buffer): boolean {
    if (this.#state !== 'open') return true
    this.#pieces.push(Buffer.from(piece))
    this.#waiting += piece.length
    const { maxSize } = this.#store.config
    if (maxSize !== null && this.#written + this.#waiting > maxSize) {
      this.fail()
      return true
    }
    if (this.#waiting >= PIECE) this.#run()
    this.full = this.#waiting >= MOST_WAITING
    return !this.full
  }

  /** All of it has come. */
  whole(): void {
    if (this.#state !== 'open') return
    this.#state = 'whole'
    this.#end.whole()
    this.#run()
  }

  /** It breaks off, or is not wanted: nothing of it stays. */
  fail(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#pieces = []
    this.#waiting = 0
    this.#end.failed()
    this.#giveRoom()
    if (!this.#running) void this.#sweep()
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    void this.#work().then(async failure => {
      this.#running = false
      if (failure !== null) this.#gaveUp(failure)
      if (this.#state === 'over') await this.#sweep()
      // What came in the very last moment.
      else if (this.#state === 'whole' || this.#waiting >= PIECE) this.#run()
    })
  }

  async #work(): Promise<DiskFailure | null> {
    while (this.#state !== 'over') {
      const failure = this.#descriptor === -1 ? await this.#open() : null
      if (failure !== null) return failure
      if (this.#state === 'whole') return this.#finish()
      if (this.#pieces.length === 0) return null
      const lost = await this.#writeBody(this.#take())
      if (lost !== null) return lost
      this.#giveRoom()
    }
    return null
  }

  #take(): Buffer {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  async #writeBody(bytes: Buffer): Promise<DiskFailure | null> {
    const error = await written(this.#descriptor, bytes, this.#bodyStart + this.#written)
    if (error !== null) return new DiskFailure('write()', this.#temporary, error)
    this.#written += bytes.length
    this.#waiting -= Math.min(this.#waiting, bytes.length)
    return null
  }

  async #open(again = true): Promise<DiskFailure | null> {
    const wrong = await this.#store.makeFolder(this.#folder)
    if (wrong !== null) return new DiskFailure('mkdir()', this.#folder, wrong)
    const descriptor = await opened(this.#temporary, FRESH, 0o600)
    if (typeof descriptor === 'number') {
      this.#descriptor = descriptor
      this.#named = true
      return null
    }
    if (descriptor.code !== 'ENOENT' || !again) return new DiskFailure('open()', this.#temporary, descriptor)
    this.#store.forgetFolders()
    return this.#open(false)
  }

  async #finish(): Promise<DiskFailure | null> {
    const rest = this.#take()
    const length = this.#written + rest.length
    const head = writeRecord(this.#record, length)
    // Most answers are written by one call.
    const small = this.#written === 0
    const lostRest = small ? null : await this.#writeBody(rest)
    if (lostRest !== null) return lostRest
    const error = await written(this.#descriptor, small ? Buffer.concat([head, rest]) : head, 0)
    if (error !== null) return new DiskFailure('write()', this.#temporary, error)
    const descriptor = this.#descriptor
    this.#descriptor = -1
    await closeFile(descriptor)
    const lost = await moved(this.#temporary, this.#file)
    if (lost !== null) return new DiskFailure('rename()', this.#temporary, lost)
    this.#named = false
    if (this.#state === 'over') return null
    this.#state = 'over'
    this.#waiting = 0
    this.#end.stored(head.length + length)
    this.#giveRoom()
    return null
  }

  #gaveUp({ code, text }: DiskFailure): void {
    const { path } = this.#store.config
    const what = code === 'ENOSPC' || code === 'EDQUOT' ? 'there is no room' : 'nothing can be written'
    this.#store.voice.error('crit', text)
    this.#store.voice.warn(`${what} in the cache "${path}": answers are given, and not kept (${code})`)
    this.fail()
  }

  #giveRoom(): void {
    if (!this.full || this.#waiting >= MOST_WAITING) return
    this.full = false
    this.onRoom?.()
  }

  async #sweep(): Promise<void> {
    const descriptor = this.#descriptor
    this.#descriptor = -1
    if (descriptor !== -1) await closeFile(descriptor)
    if (!this.#named) return
    await unlinked(this.#temporary)
    this.#named = false
  }
}
