// Entries by key in memory that all threads share, as nginx's zones are shared by its workers: with several cores a limit
// is still one limit. Bounded from the start; a key has its entry in a small neighbourhood, where the one that has waited
// longest makes room. Knows nothing of what the entries count.

import { hash } from 'node:crypto'
import { alone } from '../memory-lock.ts'

/** 32-bit words of an entry: four of the key's digest, two to count in, two for a moment. */
const WORDS = 8
const [AMOUNT, HELD, MOMENT] = [4, 5, 6]
/** Words before the first entry; the first of them is the lock. */
const HEAD = 8
/** As many entries of a key's neighbourhood are looked at. */
const NEAR = 32

export class ZoneTable {
  readonly #words: Int32Array
  /** The same memory, for moments. */
  readonly #moments: Float64Array
  readonly #entries: number

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#moments = new Float64Array(memory)
    this.#entries = (this.#words.length - HEAD) / WORDS
  }

  static memoryFor(entries: number): SharedArrayBuffer {
    return new SharedArrayBuffer((HEAD + Math.max(1, Math.floor(entries)) * WORDS) * 4)
  }

  /** Does the work while no other thread does any here. It must be short. */
  alone<T>(work: () => T): T {
    return alone(this.#words, work)
  }

  /**
   * The entry of a key, a new one where it has none.
   * @param fresh the moment that a new one gets
   * @returns where it is; -1: all that are near are in use
   */
  entry(key: string, fresh: number): number {
    // The key itself may be long, and a digest that two keys share is not found.
    const digest = hash('sha256', Buffer.from(key, 'latin1'), 'buffer')
    const [first, second] = [digest.readInt32LE(0), digest.readInt32LE(4)]
    const [third, fourth] = [digest.readInt32LE(8), digest.readInt32LE(12)]
    const words = this.#words
    const start = (first >>> 0) % this.#entries
    let [room, oldest] = [-1, Number.POSITIVE_INFINITY]
    for (let step = 0; step < NEAR && step < this.#entries; step++) {
      const at = HEAD + ((start + step) % this.#entries) * WORDS
      if (
        words[at] === first &&
        words[at + 1] === second &&
        words[at + 2] === third &&
        words[at + 3] === fourth
      )
        return at
      // One that was never used has no moment, and is older than all.
      if (oldest === 0 || words[at + HELD] !== 0) continue
      const moment = this.moment(at)
      if (moment < oldest) {
        room = at
        oldest = moment
      }
    }
    if (room === -1) return -1
    words[room] = first
    words[room + 1] = second
    words[room + 2] = third
    words[room + 3] = fourth
    this.setCount(room, 'amount', 0)
    this.setMoment(room, fresh)
    return room
  }

  /** `held`: while it is not 0 the entry stays. */
  count(at: number, which: 'amount' | 'held'): number {
    return this.#words[at + (which === 'amount' ? AMOUNT : HELD)]!
  }

  setCount(at: number, which: 'amount' | 'held', value: number): void {
    this.#words[at + (which === 'amount' ? AMOUNT : HELD)] = value
  }

  /** When it was counted last, in milliseconds. */
  moment(at: number): number {
    return this.#moments[(at + MOMENT) / 2]!
  }

  setMoment(at: number, value: number): void {
    this.#moments[(at + MOMENT) / 2] = value
  }
}
