// When the times that requests take are learnt anew, and with how many slots: what a route takes can only be seen where
// nobody waits in the upstream. With half the slots nobody does; or the number that follows is lower, and so on. Pure.

/** From one spell to the next, and how long one may last. */
const EVERY_MS = 15_000
const MOST_MS = 5_000
/** Requests to learn from, for each slot. */
const REQUESTS = 4
/** At most a fiftieth of the time goes with half the slots: a hundredth of what they do. */
const SHARE = 50

export class CalmSpell {
  /** So many slots while it lasts; 0: it does not. */
  slots = 0
  #at = 0
  #every = EVERY_MS

  isDue(at: number): boolean {
    return at - this.#at > this.#every
  }

  begin(limit: number, at: number): void {
    this.slots = Math.max(1, limit >> 1)
    this.#at = at
  }

  /** @param learnt requests that nobody disturbed, so far */
  isOver(learnt: number, at: number): boolean {
    return learnt >= REQUESTS * this.slots || at - this.#at > MOST_MS
  }

  end(at: number): void {
    this.#every = Math.max(EVERY_MS, SHARE * (at - this.#at))
    this.postpone(at)
  }

  /** It ends, or need not begin: the times are known to be new. */
  postpone(at: number): void {
    this.slots = 0
    this.#at = at
  }
}
