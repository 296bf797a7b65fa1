// What is known of the answers of one cache, in memory that all threads share (nginx's keys zone): which there are, who
// was asked for last, what they hold on the disk, and who is making one. Bounded from the start. The files are the truth,
// and this only what is known of them: it opens none.
//
// Invariants: an entry that somebody holds stays; whoever enters one leaves it, once; what is changed is changed under
// the lock.

import { alone } from '../memory-lock.ts'
import {
  COLD,
  ENDING,
  Entries,
  EXPIRES,
  FLAGS,
  HELD,
  LOADING,
  LOCKED,
  NONE,
  STATUS,
  TURN,
  USES,
  VALID,
} from './entries.ts'

/** `LEFT`: there is a file that is of no use any more. */
const [EXISTS, UPDATING, LEFT] = [1, 2, 4]
/** So many of the oldest are looked at for one that nobody holds (ngx_http_file_cache_forced_expire). */
const TRIES = 20

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

export interface Victim {
  readonly at: number
  readonly digest: string
  /** There is a file to be removed before `removed`. */
  readonly exists: boolean
}

export class CacheZone {
  readonly #entries: Entries
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#entries = new Entries(memory)
    this.#words = this.#entries.words
  }

  // — for requests

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
          if (this.#has(at, EXISTS)) words[at + FLAGS] = (words[at + FLAGS]! & ~EXISTS) | LEFT
          standing = 'new'
        } else if (words[at + STATUS] !== 0) standing = 'error'
        else if (this.#has(at, EXISTS) || words[at + USES]! >= terms.minUses) standing = 'known'
        else standing = 'scarce'
      }
      this.#entries.set(at, EXPIRES, now + terms.inactive)
      this.#entries.linkNewest(at)
      return {
        at,
        standing,
        exists: this.#has(at, EXISTS),
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
      words[at + HELD]!--
      if (lock !== null && this.#entries.get(at, LOCKED) === lock) this.#clear(at, UPDATING)
      if (!keep && words[at + HELD] === 0 && words[at + STATUS] === 0 && !this.#has(at, EXISTS | LEFT))
        this.#entries.free(at)
      this.#wake(at)
    })
  }

  /** The same, and this status stands for an answer until then. */
  fail(at: number, lock: number | null, status: number, validUntil: number): void {
    alone(this.#words, () => {
      const words = this.#words
      words[at + HELD]!--
      if (lock !== null && this.#entries.get(at, LOCKED) === lock) this.#clear(at, UPDATING)
      words[at + STATUS] = status
      this.#entries.set(at, VALID, validUntil)
      this.#wake(at)
    })
  }

  /** The same, and its file is there, of so many bytes. */
  stored(at: number, bytes: number): void {
    alone(this.#words, () => {
      const words = this.#words
      words[at + HELD]!--
      words[at + STATUS] = 0
      this.#entries.resize(at, bytes)
      words[at + FLAGS] = words[at + FLAGS]! | EXISTS
      this.#clear(at, UPDATING)
      this.#wake(at)
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
        this.#clear(at, EXISTS | LEFT)
      } else if (!this.#has(at, EXISTS)) {
        this.#entries.resize(at, bytes)
        this.#words[at + FLAGS] = this.#words[at + FLAGS]! | EXISTS
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
      if (this.#has(at, UPDATING) && this.#entries.get(at, LOCKED) > now) return null
      this.#words[at + FLAGS] = this.#words[at + FLAGS]! | UPDATING
      this.#entries.set(at, LOCKED, now + age)
      return now + age
    })
  }

  /** The right to make anew one whose time is over, which the first who asks has. Null: somebody has it. */
  update(at: number): number | null {
    return alone(this.#words, () => {
      if (this.#has(at, UPDATING)) return null
      this.#words[at + FLAGS] = this.#words[at + FLAGS]! | UPDATING
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

  // — for the keeper

  /** A file that lies there. False: there is no room to know of it. */
  add(digest: string, bytes: number, inactive: number, now: number): boolean {
    return alone(this.#words, () => {
      let at = this.#entries.find(digest)
      if (at === NONE) {
        at = this.#entries.allocate(digest)
        if (at === NONE) return false
        this.#words[at + USES] = 1
        this.#words[at + FLAGS] = EXISTS
        this.#entries.resize(at, bytes)
      } else this.#entries.unlink(at)
      this.#entries.set(at, EXPIRES, now + inactive)
      this.#entries.linkNewest(at)
      return true
    })
  }

  /** The one that was not asked for for longest, where its time is over; a number: in so many seconds it is; null: none is left. */
  idle(now: number): Victim | number | null {
    return alone(this.#words, () => {
      const at = this.#entries.oldest
      if (at === NONE) return null
      const left = this.#entries.get(at, EXPIRES) - now
      if (left > 0) return left
      if (this.#words[at + HELD] === 0) return this.#victim(at)
      // Somebody takes very long: it is looked at again when all others were.
      this.#entries.unlink(at)
      this.#entries.set(at, EXPIRES, now + 10)
      this.#entries.linkNewest(at)
      return 0
    })
  }

  /** The oldest that nobody holds, to make room; null: all that are old are held. */
  oldest(): Victim | null {
    return alone(this.#words, () => {
      let at = this.#entries.oldest
      for (let tries = TRIES; at !== NONE && tries > 0; tries--, at = this.#entries.newerThan(at))
        if (this.#words[at + HELD] === 0) return this.#victim(at)
      return null
    })
  }

  /** Its file is no more, unless another has come in its place meanwhile. */
  removed(at: number): void {
    alone(this.#words, () => {
      const words = this.#words
      words[at + HELD]!--
      const another = this.#has(at, EXISTS)
      if (!another) this.#entries.resize(at, 0)
      if (!another && words[at + HELD] === 0) this.#entries.free(at)
      this.#wake(at)
    })
  }

  /** Bytes on the disk, and how many are known of. */
  get usage(): { readonly bytes: number; readonly count: number; readonly crowded: boolean } {
    return alone(this.#words, () => {
      const { bytes, count, crowded } = this.#entries
      return { bytes, count, crowded }
    })
  }

  /** Not all that lies in the folder is known of yet. */
  get cold(): boolean {
    return Atomics.load(this.#words, COLD) === 1
  }

  /** Whether the caller is the one that looks. */
  beginLoading(): boolean {
    return this.cold && Atomics.compareExchange(this.#words, LOADING, 0, 1) === 0
  }

  endLoading(all: boolean): void {
    if (all) Atomics.store(this.#words, COLD, 0)
    Atomics.store(this.#words, LOADING, 0)
  }

  // — under the lock

  #victim(at: number): Victim {
    const victim = { at, digest: this.#entries.digest(at), exists: this.#has(at, EXISTS | LEFT) }
    this.#clear(at, EXISTS | LEFT)
    if (victim.exists) this.#words[at + HELD]!++
    else this.#entries.free(at)
    return victim
  }

  #has(at: number, flag: number): boolean {
    return (this.#words[at + FLAGS]! & flag) !== 0
  }

  #clear(at: number, flags: number): void {
    this.#words[at + FLAGS] = this.#words[at + FLAGS]! & ~flags
  }

  #wake(at: number): void {
    Atomics.add(this.#words, at + TURN, 1)
    Atomics.notify(this.#words, at + TURN)
  }
}
