// Those who wait for one place of several, as their key or what they have tried leaves them no other: out of the others'
// way, in the order in which they came. Order only.

import type { Backend } from './slot-pool.ts'
import type { Ticket } from './ticket.ts'
import { WaitQueue } from './wait-queue.ts'

export class Parking<B extends Backend> {
  readonly #queue = new WaitQueue()

  get length(): number {
    return this.#queue.length
  }

  /** Since when whoever waits longest does; null when nobody does. */
  get oldestSince(): number | null {
    let since: number | null = null
    for (const ticket of this) since = Math.min(since ?? ticket.since, ticket.since)
    return since
  }

  /** It waits nowhere else. It leaves as from any queue. */
  add(ticket: Ticket<B>): void {
    this.#queue.push(ticket)
  }

  /** The first one first; each may be taken out meanwhile. */
  *[Symbol.iterator](): Iterator<Ticket<B>> {
    for (let at = this.#queue.first as Ticket<B> | null; at !== null; ) {
      const next = at.next as Ticket<B> | null
      yield at
      at = next
    }
  }
}
