// Who is there now: a set whose members know their own place in it. It knows nothing of what they are, and keeps no order.

/** What can stand on one roster. */
export interface Member {
  /** Where; the roster's to write. -1: it stands on none. */
  place: number
}

/**
 * For what comes and goes with every request, in place of a `Set`. V8's sets delete by leaving holes, and when they have
 * enough of these move to a new table, to which the old one points, with whoever stood in it then (V8:
 * src/objects/ordered-hash-table.cc, Rehash). Once such a table has grown old, everything that came after it outlives
 * each small collection, until the next large one: with 16 connections under load 4.5 KB of each request did, and the
 * collections took 13 % of the processor's time.
 */
export class Roster<T extends Member> implements Iterable<T> {
  /** Never shorter than it was: what an array leaves behind when it moves keeps whoever stood in it, too. */
  readonly #places: (T | null)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(member: T): void {
    if (member.place !== -1) return
    member.place = this.#size
    this.#places[this.#size++] = member
  }

  delete(member: T): void {
    const { place } = member
    if (place === -1) return
    const last = this.#places[--this.#size]!
    this.#places[place] = last
    last.place = place
    this.#places[this.#size] = null
    member.place = -1
  }

  clear(): void {
    for (const member of this) member.place = -1
    this.#places.length = this.#size = 0
  }

  /** Nobody may come or go meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let place = 0; place < this.#size; place++) yield this.#places[place]!
  }
}
