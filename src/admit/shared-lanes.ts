// The taken lanes of one pool in memory that several threads share. A data plane takes a lane here by one
// compare-and-exchange, without a message, as long as the gate is open; the house, which keeps the queue, shuts the
// gate before it decides who is next. Counts only; it knows no queue and no request.
//
// Invariants: no more lanes are taken through the gate than the limit; while the gate is shut only the house takes, so
// that what it has seen free stays free; who gives a lane back through a shut gate is told so and tells the house.

import type { Lanes } from './lanes.ts'

/** The words of the memory. The first holds the number of taken lanes, and the gate in one bit beside it. */
const BUSY = 0
const LIMIT = 1
const PLAIN = 2
const LANES = 3

const SHUT = 1 << 30
const COUNT = SHUT - 1
/** Lanes beyond have no number; there are so many only where no number of workers is known. */
const NUMBERED = 1_021
/** Stands for a lane without a number. */
export const NO_LANE = -1

export class SharedLanes implements Lanes {
  readonly memory: SharedArrayBuffer
  /** As the data planes told last; for those who look. */
  holders: (string | null)[] = []
  readonly #words: Int32Array

  /** @param memory what another thread's object is built on; without it, new memory with the gate shut. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer((LANES + NUMBERED) * Int32Array.BYTES_PER_ELEMENT)
    this.#words = new Int32Array(this.memory)
    if (memory === undefined) Atomics.store(this.#words, BUSY, SHUT)
  }

  get busy(): number {
    return Atomics.load(this.#words, BUSY) & COUNT
  }

  /** How many may be taken through the gate now. */
  get room(): number {
    const word = Atomics.load(this.#words, BUSY)
    return (word & SHUT) === 0 ? Atomics.load(this.#words, LIMIT) - word : 0
  }

  /** How many may be taken through the gate; Infinity when no number is known. */
  set limit(limit: number) {
    Atomics.store(this.#words, LIMIT, Math.min(limit, COUNT))
  }

  /** How many are not taken, whether or not the gate is open. */
  get spare(): number {
    return Atomics.load(this.#words, LIMIT) - this.busy
  }

  /** Whether the upstream takes connections, as far as anybody knows: then nobody need tell that it did. */
  get plain(): boolean {
    return Atomics.load(this.#words, PLAIN) === 1
  }

  set plain(plain: boolean) {
    Atomics.store(this.#words, PLAIN, plain ? 1 : 0)
  }

  /** From here on nobody takes but through the house. */
  shut(): void {
    Atomics.or(this.#words, BUSY, SHUT)
  }

  unshut(): void {
    Atomics.and(this.#words, BUSY, ~SHUT)
  }

  /** Takes a lane through the gate: its number, or null when the gate is shut or all are taken. */
  tryTake(): number | null {
    const words = this.#words
    for (let before = Atomics.load(words, BUSY); ; ) {
      if ((before & SHUT) !== 0 || before >= Atomics.load(words, LIMIT)) return null
      const seen = Atomics.compareExchange(words, BUSY, before, before + 1)
      if (seen === before) return this.#number()
      before = seen
    }
  }

  /** The house's way in, which has looked that there is room. */
  take(): number {
    Atomics.add(this.#words, BUSY, 1)
    return this.#number()
  }

  /** Gives a lane back; true when the gate was shut, and the house is to hear of it. */
  giveBack(lane: number): boolean {
    if (lane !== NO_LANE) Atomics.store(this.#words, LANES + lane, 0)
    return (Atomics.sub(this.#words, BUSY, 1) & SHUT) !== 0
  }

  free(lane: number): void {
    this.giveBack(lane)
  }

  // The count is taken before the number and given back after it, so that a number is always to be had.
  #number(): number {
    const words = this.#words
    for (;;) {
      for (let lane = 0; lane < NUMBERED; lane++) {
        if (Atomics.compareExchange(words, LANES + lane, 0, 1) === 0) return lane
      }
      if (this.busy > NUMBERED) return NO_LANE
    }
  }
}
