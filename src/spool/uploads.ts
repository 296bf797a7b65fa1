// The requests that are still coming in and hold something, and which of them is the slowest: the one that
// gives way when space for requests runs short. Picks; the store refuses.

import type { Spool } from './spool.ts'

/** An upload younger than this, in milliseconds, has no rate worth comparing. */
const YOUNG = 5_000
/** Milliseconds until the slowest is looked for again when there was none. */
const LOOK_AGAIN = 250

export class Uploads {
  readonly #all = new Set<Spool>()
  /** The one that was picked last, until what it held has come back. */
  #leaving: Spool | null = null
  #lookAt = Number.NEGATIVE_INFINITY

  add(spool: Spool): void {
    this.#all.add(spool)
  }

  /** It has come in whole, or will not. */
  remove(spool: Spool): void {
    this.#all.delete(spool)
  }

  /** All it held has come back. */
  gone(spool: Spool): void {
    if (spool === this.#leaving) this.#leaving = null
  }

  /**
   * The upload with the lowest average rate at time `at` (milliseconds), or null. One at a time: while one is
   * leaving there is none. It must hold at least a quarter of the average, or its going would be no gain; and
   * the only upload is never picked, as nobody would be served by that.
   */
  slowest(disk: boolean, at: number): Spool | null {
    if (this.#leaving !== null || at < this.#lookAt || this.#all.size < 2) return null
    let sum = 0
    for (const spool of this.#all) sum += disk ? spool.heldDisk : spool.heldMemory
    const least = sum / this.#all.size / 4
    let slowest: Spool | null = null
    let rate = Number.POSITIVE_INFINITY
    for (const spool of this.#all) {
      const held = disk ? spool.heldDisk : spool.heldMemory
      const age = at - spool.since
      if (age < YOUNG || held === 0 || held < least || spool.size / age >= rate) continue
      slowest = spool
      rate = spool.size / age
    }
    if (slowest === null) this.#lookAt = at + LOOK_AGAIN
    else this.#leaving = slowest
    return slowest
  }
}
