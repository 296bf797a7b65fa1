// A file that is written while its bytes come from elsewhere: they are taken at once, as fast as the disk takes them, and
// whoever brings them is asked to wait only for that. It lies beside the place that it is to have until it is whole, and takes
// that in one step; one that breaks off leaves nothing. Where that is, and what is said of a failure, is each kind's own.

import { giveBack } from '../spool/backing.ts'
import { closeFile, writtenAll } from './calls.ts'
import { DiskFailure } from './failure.ts'

/** Bytes that may wait for the disk, as with a spool (docs/architecture.md). */
const MOST_WAITING = 1024 * 1024
/** What is no larger is written at once, at its end. */
const PIECE = 64 * 1024
/** A piece that is worth its own memory. */
const LARGE = 16 * 1024
/** Of one write: few enough that the next come while it runs, as with a spool. */
const BATCH = 256 * 1024

export abstract class GrowingFile {
  /** There is room again, after `write` returned false. */
  onRoom: (() => void) | null = null
  /** The last piece was to be the last until there is room. */
  full = false
  #pieces: Buffer[] = []
  #waiting = 0
  #written = 0
  #descriptor = -1
  /** The draft is there. */
  #drafted = false
  #state: 'open' | 'whole' | 'over' = 'open'
  #running = false

  /** Where it lies until it is whole. */
  protected abstract readonly draft: string
  /** Bytes before the body. */
  protected abstract readonly bodyStart: number
  /** Makes the draft, with the folders around it. @returns its descriptor */
  protected abstract open(): Promise<number | DiskFailure>
  /** Writes its last bytes, and what else there is to be said in it. @param before bytes of the body that are in it */
  protected abstract finish(descriptor: number, rest: Buffer, before: number): Promise<DiskFailure | null>
  /** Gives the draft, closed by now, its place. */
  protected abstract place(): Promise<DiskFailure | null>
  /** Removes the draft, and what was made for it. */
  protected abstract sweep(): Promise<void>
  protected abstract isTooLarge(bytes: number): boolean
  /** All of it has come, and is about to be there. */
  protected abstract onWhole(): void
  /** It is there. @param length of its body, in bytes */
  protected abstract onStored(length: number): void
  /** It is not to be, for whatever reason. */
  protected abstract onFailed(): void
  /** The reason was the disk; told before `onFailed`. */
  protected abstract onTrouble(failure: DiskFailure): void

  /** Nothing more becomes of it. */
  get over(): boolean {
    return this.#state === 'over' && !this.#running && !this.#drafted
  }

  /** Takes a piece, which may change after the call. False: the next one is to wait for `onRoom`. */
  write(piece: Buffer): boolean {
    if (this.#state !== 'open') return true
    this.#pieces.push(copied(piece))
    this.#waiting += piece.length
    if (this.isTooLarge(this.#written + this.#waiting)) {
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
    this.onWhole()
    this.#run()
  }

  /** It breaks off, or is not wanted: nothing of it stays. */
  fail(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#pieces = []
    this.#waiting = 0
    this.onFailed()
    this.#giveRoom()
    if (!this.#running) void this.#sweep()
  }

  #run(): void {
    if (this.#running) return
    this.#running = true
    void this.#work().then(async failure => {
      this.#running = false
      if (failure !== null) this.#giveUp(failure)
      if (this.#state === 'over') await this.#sweep()
      // What came in the very last moment.
      else if (this.#state === 'whole' || this.#waiting >= PIECE) this.#run()
    })
  }

  #giveUp(failure: DiskFailure): void {
    this.onTrouble(failure)
    this.fail()
  }

  async #work(): Promise<DiskFailure | null> {
    while (this.#state !== 'over') {
      const failure = this.#descriptor === -1 ? await this.#open() : null
      if (failure !== null) return failure
      if (this.#state === 'whole') return this.#finish()
      if (this.#pieces.length === 0) return null
      const lost = await this.#writeBatch()
      if (lost !== null) return lost
      this.#giveRoom()
    }
    return null
  }

  async #open(): Promise<DiskFailure | null> {
    const descriptor = await this.open()
    if (typeof descriptor !== 'number') return descriptor
    this.#descriptor = descriptor
    this.#drafted = true
    return null
  }

  #take(): Buffer {
    const pieces = this.#pieces
    this.#pieces = []
    if (pieces.length === 1) return pieces[0]!
    const all = Buffer.concat(pieces)
    for (const piece of pieces) giveBack(piece)
    return all
  }

  async #writeBatch(): Promise<DiskFailure | null> {
    let [count, bytes] = [0, 0]
    while (count < this.#pieces.length && (count === 0 || bytes < BATCH))
      bytes += this.#pieces[count++]!.length
    const batch = this.#pieces.splice(0, count)
    const error = await writtenAll(this.#descriptor, batch, this.bodyStart + this.#written)
    for (const piece of batch) giveBack(piece)
    if (error !== null) return new DiskFailure('pwritev()', this.draft, error)
    this.#written += bytes
    this.#waiting -= Math.min(this.#waiting, bytes)
    return null
  }

  async #finish(): Promise<DiskFailure | null> {
    const rest = this.#take()
    const unfinished = await this.finish(this.#descriptor, rest, this.#written)
    if (unfinished !== null) return unfinished
    const descriptor = this.#descriptor
    this.#descriptor = -1
    await closeFile(descriptor)
    const lost = await this.place()
    if (lost !== null) return lost
    this.#drafted = false
    if (this.#state === 'over') return null
    this.#state = 'over'
    this.#waiting = 0
    this.onStored(this.#written + rest.length)
    this.#giveRoom()
    return null
  }

  #giveRoom(): void {
    if (!this.full || this.#waiting > MOST_WAITING / 2) return
    this.full = false
    this.onRoom?.()
  }

  async #sweep(): Promise<void> {
    const descriptor = this.#descriptor
    this.#descriptor = -1
    if (descriptor !== -1) await closeFile(descriptor)
    if (!this.#drafted) return
    await this.sweep()
    this.#drafted = false
  }
}

// A large one is no part of Node's pool, so that it can be given back.
function copied(piece: Buffer): Buffer {
  if (piece.length < LARGE) return Buffer.from(piece)
  const copy = Buffer.allocUnsafeSlow(piece.length)
  piece.copy(copy)
  return copy
}
