// All connections from the edge: how many there may be, whom to close when there are too many, and closing the
// idle ones at a drain. It knows nothing of requests.

import { now } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { EdgeConnection } from './edge-connection.ts'
import type { Greeting } from './greeting.ts'

/** When room is needed, so many are closed at once, so that the search is not made for each newcomer. */
const AT_ONCE = 16

export class Connections {
  readonly limit: number
  /** Taken in so far. */
  accepted = 0
  readonly #all = new Set<EdgeConnection>()
  /** Those that have yet to say what they want, oldest first. */
  readonly #greetings = new Set<Greeting>()
  #onEmpty: (() => void) | null = null

  constructor(limit: number) {
    this.limit = limit
  }

  get size(): number {
    return this.#all.size + this.#greetings.size
  }

  /**
   * Connections without a request under way, and with one; `reading`, of the former: a part of a head has come. Counted
   * when asked, for status and metrics.
   */
  count(): { idle: number; active: number; reading: number } {
    let active = 0
    let reading = 0
    for (const { state } of this.#all) {
      if (state === 'busy') active++
      else if (state === 'head') reading++
    }
    return { idle: this.size - active, active, reading }
  }

  /** Whether no request is under way: one whose last answer is sent and that only lingers counts as done. */
  get allDone(): boolean {
    if (this.#greetings.size > 0) return false
    for (const edge of this.#all) if (edge.state !== 'lingering' && edge.state !== 'closed') return false
    return true
  }

  /** Takes a newcomer in; false when there is no room and nobody could be closed for it. */
  makeRoom(): boolean {
    return this.size < this.limit || this.closeIdle(AT_ONCE) > 0
  }

  add(edge: EdgeConnection): void {
    this.accepted++
    this.#all.add(edge)
  }

  delete(edge: EdgeConnection): void {
    this.#all.delete(edge)
    if (this.size === 0) this.#onEmpty?.()
  }

  /** One that was given away is back: it is no newcomer. */
  restore(edge: EdgeConnection): void {
    this.#all.add(edge)
  }

  /** A newcomer that has to say something before it is a connection of HTTP. */
  greet(greeting: Greeting): void {
    this.#greetings.add(greeting)
  }

  /** It has said so, or has gone. */
  greeted(greeting: Greeting): void {
    this.#greetings.delete(greeting)
    if (this.size === 0) this.#onEmpty?.()
  }

  /**
   * Closes some idle connections: first those that never sent a request, then those of the client that holds
   * most, the longest idle first (fine-points.md). Returns how many.
   */
  closeIdle(wanted: number): number {
    const silent = [...this.#greetings].slice(0, wanted)
    for (const greeting of silent) greeting.cut()
    return silent.length + this.#closeEdges(wanted - silent.length)
  }

  #closeEdges(wanted: number): number {
    const held = new Map<string, number>()
    const idle: EdgeConnection[] = []
    for (const edge of this.#all) {
      held.set(edge.peer, (held.get(edge.peer) ?? 0) + 1)
      if (edge.state === 'idle' || (edge.state === 'head' && edge.served <= 1)) idle.push(edge)
    }
    idle.sort(
      (a, b) =>
        Number(a.served > 0) - Number(b.served > 0) ||
        held.get(b.peer)! - held.get(a.peer)! ||
        a.idleSince - b.idleSince,
    )
    // Destroyed rather than closed with grace: the descriptor is wanted now.
    for (const edge of idle.slice(0, wanted)) edge.cut()
    return Math.min(wanted, idle.length)
  }

  /** At a drain: those that have waited for a request, or for the rest of a head, for longer than the grace. */
  endWaitsLongerThan(graceMs: number): void {
    const before = now() - graceMs
    for (const edge of this.#all) {
      if (edge.waitingSince !== 0 && edge.waitingSince <= before) edge.expired()
    }
    for (const greeting of this.#greetings) if (greeting.since <= before) greeting.cut()
  }

  /** Ends the waits of every request under way: each gets an answer where it still can. */
  interruptAll(failure: Failure): void {
    for (const edge of this.#all) edge.outlet.exchange?.interrupt(failure)
  }

  /** The end of all patience: everything is cut. Settles when all have closed. */
  cutAll(): Promise<void> {
    for (const edge of this.#all) edge.cut()
    for (const greeting of this.#greetings) greeting.cut()
    if (this.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#onEmpty = resolve
    })
  }
}
