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
  readonly #members: T[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: T): void {
    if (member.place !== -1) return
    member.place = this.#members.length
    this.#members.push(member)
  }

  delete(member: T): void {
    const { place } = member
    if (place === -1) return
    member.place = -1
    const last = this.#members.pop()!
    if (last === member) return
    this.#members[place] = last
    last.place = place
  }

  clear(): void {
    for (const member of this.#members) member.place = -1
    this.#members.length = 0
  }

  /** Nobody may come or go meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#members[Symbol.iterator]()
  }
}
