// What is known of the answers of one cache, in memory that all threads share (nginx's keys zone): which there are, who
// holds them, and who is making one. Bounded from the start. The files are the truth, and this only what is known of them:
// it opens none. What of them is to go is its stock's to say.
//
// Invariants: an entry that somebody holds stays; whoever enters one leaves it, once; what is changed is changed under
// the lock.

import { alone } from '../memory-lock.ts'
import {
  ENDING,
  Entries,
  EXISTS,
  EXPIRES,
  HELD,
  LEFT,
  LOCKED,
  NONE,
  STATUS,
  TURN,
  UPDATING,
  USES,
  VALID,
} from './entries.ts'
import { Stock } from './stock.ts'

export interface Entered {
  /** Where the entry is, which is held now; 0: there is no room for one. */
  readonly at: number
  /** `scarce`: it was not asked for often enough to be kept. `full`: others have to go first. */
  readonly standing: 'known' | 'new' | 'scarce' | 'error' | 'full'
  /** There is a file. */
  readonly exists: boolean
  /** The status that stands for an answer. */
  readonly status: number
  /** Somebody is about to be done with it: what there is will be another in a moment. */
  readonly finishing: boolean
}

export class CacheZone {
  readonly stock: Stock
  readonly #entries: Entries
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#entries = new Entries(memory)
    this.#words = this.#entries.words
    this.stock = new Stock(this.#entries)
  }

  /**
   * Holds the entry of a digest, a new one where there is none, and notes that it is in use.
   * @param held where it is already held; 0: not yet, and this is a use more
   * @param now seconds
   */
  enter(digest: string, held: number, terms: { minUses: number; inactive: number }, now: number): Entered {
    return alone(this.#words, () => {
      const words = this.#words
      let at = held === NONE ? this.#entries.find(digest) : held
      let standing: Entered['standing']
      if (at === NONE) {
        at = this.#entries.allocate(digest)
        if (at === NONE) return { at, standing: 'full', exists: false, status: 0, finishing: false }
        words[at + USES] = words[at + HELD] = 1
        standing = 'new'
      } else {
        this.#entries.unlink(at)
        if (held === NONE) {
          words[at + USES]!++
          words[at + HELD]!++
        }
        if (words[at + STATUS] !== 0 && this.#entries.get(at, VALID) < now) {
          words[at + STATUS] = 0
          if (this.#entries.has(at, EXISTS)) {
            this.#entries.lower(at, EXISTS)
            this.#entries.raise(at, LEFT)
          }
          standing = 'new'
        } else if (words[at + STATUS] !== 0) standing = 'error'
        else if (this.#entries.has(at, EXISTS) || words[at + USES]! >= terms.minUses) standing = 'known'
        else standing = 'scarce'
      }
      this.#entries.set(at, EXPIRES, now + terms.inactive)
      this.#entries.linkNewest(at)
      return {
        at,
        standing,
        exists: this.#entries.has(at, EXISTS),
        status: words[at + STATUS]!,
        finishing: words[at + ENDING]! > 0,
      }
    })
  }

  /**
   * The entry is not held any more, and nothing came of it.
   * @param lock what `lock` or `update` gave; null: neither did
   * @param keep how often it was asked for is to be known further
   */
  leave(at: number, lock: number | null, keep: boolean): void {
    alone(this.#words, () => {
      const words = this.#words
      this.#letGo(at, lock)
      if (
        !keep &&
        words[at + HELD] === 0 &&
        words[at + STATUS] === 0 &&
        !this.#entries.has(at, EXISTS | LEFT)
      )
        this.#entries.free(at)
      this.#entries.wake(at)
    })
  }

  /** The same, and this status stands for an answer until then. */
  fail(at: number, lock: number | null, status: number, validUntil: number): void {
    alone(this.#words, () => {
      const words = this.#words
      this.#letGo(at, lock)
      words[at + STATUS] = status
      this.#entries.set(at, VALID, validUntil)
      this.#entries.wake(at)
    })
  }

  /** The same, and its file is there, of so many bytes. */
  stored(at: number, bytes: number): void {
    alone(this.#words, () => {
      const words = this.#words
      words[at + HELD]!--
      words[at + STATUS] = 0
      this.#entries.resize(at, bytes)
      this.#entries.raise(at, EXISTS)
      this.#entries.lower(at, UPDATING)
      this.#entries.wake(at)
    })
  }

  /** An answer is whole, and will be there in a moment (`true`); or there it is, or will not be. */
  finishing(at: number, begins: boolean): void {
    alone(this.#words, () => {
      this.#words[at + ENDING] = this.#words[at + ENDING]! + (begins ? 1 : -1)
    })
  }

  /** A file was found, or found to be missing. */
  found(at: number, bytes: number | null): void {
    alone(this.#words, () => {
      if (bytes === null) {
        this.#entries.resize(at, 0)
        this.#entries.lower(at, EXISTS | LEFT)
      } else if (!this.#entries.has(at, EXISTS)) {
        this.#entries.resize(at, bytes)
        this.#entries.raise(at, EXISTS)
      }
    })
  }

  /**
   * The right to make an answer that is not there. Null: somebody else has it.
   * @param now milliseconds, on a clock that all threads share
   * @returns to be given to `leave`
   */
  lock(at: number, now: number, age: number): number | null {
    return alone(this.#words, () => {
      if (this.#entries.has(at, UPDATING) && this.#entries.get(at, LOCKED) > now) return null
      this.#entries.raise(at, UPDATING)
      this.#entries.set(at, LOCKED, now + age)
      return now + age
    })
  }

  /** The right to make anew one whose time is over, which the first who asks has. Null: somebody has it. */
  update(at: number): number | null {
    return alone(this.#words, () => {
      if (this.#entries.has(at, UPDATING)) return null
      this.#entries.raise(at, UPDATING)
      return this.#entries.get(at, LOCKED)
    })
  }

  /** Settles when something has become of the entry, which is held, or after so many milliseconds. */
  async changed(at: number, turn: number, ms: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#words, at + TURN, turn, ms)
    if (async) await value
  }

  /** What `changed` is to be given: how often something has become of the entry so far. */
  turn(at: number): number {
    return Atomics.load(this.#words, at + TURN)
  }

  // Under the lock.
  #letGo(at: number, lock: number | null): void {
    this.#words[at + HELD]!--
    // Somebody else may have it by now, as ours was too old.
    if (lock !== null && this.#entries.get(at, LOCKED) === lock) this.#entries.lower(at, UPDATING)
  }
}
