// What lies in the folder of one cache, as far as its zone knows: how much it is, what was asked for longest ago, and so is
// to go. For the one who keeps the folder (`keeper.ts`) and for whoever needs room. Removes no file itself.
//
// Invariants: what somebody holds is not given away; whoever gets a victim whose file exists holds it, until `removed`.

import { alone } from '../memory-lock.ts'
import { COLD, type Entries, EXISTS, EXPIRES, HELD, LEFT, LOADING, NONE, USES } from './entries.ts'

/** So many of the oldest are looked at for one that nobody holds (ngx_http_file_cache_forced_expire). */
const TRIES = 20

export interface Victim {
  readonly at: number
  readonly digest: string
  /** There is a file to be removed before `removed`. */
  readonly exists: boolean
}

export class Stock {
  readonly #entries: Entries
  readonly #words: Int32Array

  constructor(entries: Entries) {
    this.#entries = entries
    this.#words = entries.words
  }

  /** A file that lies there. False: there is no room to know of it. */
  add(digest: string, bytes: number, inactive: number, now: number): boolean {
    return alone(this.#words, () => {
      let at = this.#entries.find(digest)
      if (at === NONE) {
        at = this.#entries.allocate(digest)
        if (at === NONE) return false
        this.#words[at + USES] = 1
        this.#entries.raise(at, EXISTS)
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
      const another = this.#entries.has(at, EXISTS)
      if (!another) this.#entries.resize(at, 0)
      if (!another && words[at + HELD] === 0) this.#entries.free(at)
      this.#entries.wake(at)
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

  // Under the lock: from here on it is the caller's to remove.
  #victim(at: number): Victim {
    const victim = { at, digest: this.#entries.digest(at), exists: this.#entries.has(at, EXISTS | LEFT) }
    this.#entries.lower(at, EXISTS | LEFT)
    if (victim.exists) this.#words[at + HELD]!++
    else this.#entries.free(at)
    return victim
  }
}
