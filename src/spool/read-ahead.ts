// What has come from the file and is not handed out yet, in two buffers by turns: one is handed out while the
// other is filled, so that the consumer need not stand still for each read. Owns those buffers and what they
// are charged; where the reader stands, and what the file holds, is for others to know.

import { giveBack } from './backing.ts'
import type { Spill } from './spill.ts'
import type { Spool } from './spool.ts'

/** Bytes of one buffer: with memory in plenty, and when there is none; then there is no second one either. */
const READ = 256 * 1024
const READ_SHORT = 32 * 1024
/** Fewer bytes than this are not worth a read before they are asked for: more of them may be on their way. */
const WORTH = 64 * 1024

/** One buffer and what lies in it: the bytes of the message from place `at`, between `from` and `to`. */
class Lot {
  buffer: Buffer | null = null
  at = 0
  from = 0
  to = 0
  /** Whether nobody uses what was handed out of it any more. */
  free = false
}

export class ReadAhead {
  readonly #spool: Spool
  readonly #file: Spill
  readonly #arrived: () => void
  readonly #failed: (detail: string) => void
  /** The lot that is handed out, and the one that is filled or lies ready to follow it. */
  #now = new Lot()
  #next = new Lot()
  #reading = false
  #closed = false

  /** `arrived`: a read is over, and `take` has something. `failed`: nothing more will come. */
  constructor(spool: Spool, file: Spill, arrived: () => void, failed: (detail: string) => void) {
    this.#spool = spool
    this.#file = file
    this.#arrived = arrived
    this.#failed = failed
  }

  /** At most `max` bytes from place `at`; null when they are not here. */
  take(at: number, max: number): Buffer | null {
    if (this.#now.from === this.#now.to) this.#turn()
    const lot = this.#now
    if (lot.from === lot.to || lot.at !== at) return null
    const from = lot.from
    const to = Math.min(lot.to, from + max)
    lot.from = to
    lot.at += to - from
    lot.free = false
    return lot.buffer!.subarray(from, to)
  }

  /** All that was handed out is used no more. A lot that still holds something is free only with its last byte. */
  reuse(): void {
    const { from, to } = this.#now
    if (from === to) this.#now.free = true
    this.#next.free = true
  }

  /** Reads what the reader at place `at` waits for. False: the file does not have it. */
  fetch(at: number): boolean {
    if (this.#file.onFile(at) === 0) return false
    if (this.#reading) return true
    if (!this.#spool.store.ample) this.#empty(this.#now)
    this.#read(at)
    return true
  }

  /** Reads on before the reader at place `at` asks, where that takes no memory but the two buffers. */
  ahead(at: number): void {
    const next = this.#next
    if (this.#reading || next.from !== next.to || (next.buffer !== null && !next.free)) return
    const now = this.#now
    // Bytes before the file's are in memory.
    const place = now.from === now.to ? Math.max(at, this.#file.from) : now.at + now.to - now.from
    if (this.#file.onFile(place) >= WORTH && this.#spool.store.ample) this.#read(place)
  }

  /** Gives both buffers up. What is being filled is given back once it has been. */
  close(): void {
    this.#closed = true
    this.drop()
  }

  /** Gives up the buffers, which hold nothing that is still wanted. */
  drop(): void {
    this.#empty(this.#now)
    if (!this.#reading) this.#empty(this.#next)
  }

  #turn(): void {
    if (this.#reading || this.#next.from === this.#next.to) return
    const now = this.#now
    this.#now = this.#next
    this.#next = now
  }

  #read(at: number): void {
    const { store } = this.#spool
    const lot = this.#next
    const capacity = store.ample ? READ : READ_SHORT
    if (lot.buffer === null || !lot.free || lot.buffer.length !== capacity) {
      this.#empty(lot)
      lot.buffer = Buffer.allocUnsafeSlow(capacity)
      store.chargeMemory(this.#spool, capacity)
    }
    const size = Math.min(this.#file.onFile(at), capacity)
    lot.free = false
    this.#reading = true
    this.#file.read(size < capacity ? lot.buffer.subarray(0, size) : lot.buffer, at, (error, bytes) => {
      this.#reading = false
      if (this.#closed) this.#empty(lot)
      if (this.#closed || this.#spool.dead) return
      if (error !== null || bytes === 0) {
        this.close()
        this.#failed(error?.message ?? 'the file is shorter than what was written')
        return
      }
      lot.at = at
      lot.from = 0
      lot.to = bytes
      this.#arrived()
    })
  }

  /** Gives up a lot's buffer. A destroyed spool gives all back itself. */
  #empty(lot: Lot): void {
    if (lot.buffer === null) return
    if (!this.#spool.dead) this.#spool.store.freeMemory(this.#spool, lot.buffer.length)
    // What may still be on its way out is left to the collector.
    if (lot.free) giveBack(lot.buffer)
    lot.buffer = null
    lot.from = lot.to = 0
  }
}
