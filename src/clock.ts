// What time it is; and the one coarse clock: deadlines of connections and waits, looked at ten times a second, so that no
// request costs a timer object. It knows nothing of what expires; it must not be used for anything finer than a tick.

import { type Member, Roster } from './roster.ts'

/** Milliseconds on the monotonic clock that every deadline and timer of the proxy uses. */
export function now(): number {
  return performance.now()
}

/** Something with a deadline on the scale of `now()`; 0 means none is set. */
export interface Timed extends Member {
  deadline: number
  /** Called once when the deadline has passed; the item has then left the clock. */
  expired(at: number): void
}

/** How often deadlines are looked at, in milliseconds: a deadline is met up to this much late. */
const TICK_MS = 100

export class Clock {
  readonly #items = new Roster<Timed>()
  readonly #listeners: ((at: number) => void)[] = []
  #earliest = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  /** Begins to tick; the timer does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.tick(now()), TICK_MS).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#items.clear()
  }

  /** Called at every tick, for work that is due now and then rather than at a deadline. */
  onTick(listener: (at: number) => void): void {
    this.#listeners.push(listener)
  }

  /** Sets or moves the deadline of an item. Moving it later costs nothing but the assignment. */
  set(item: Timed, at: number): void {
    if (item.deadline === 0) this.#items.add(item)
    item.deadline = at
    if (at < this.#earliest) this.#earliest = at
  }

  /** The item has no deadline any more. */
  clear(item: Timed): void {
    if (item.deadline === 0) return
    item.deadline = 0
    this.#items.delete(item)
  }

  tick(at: number): void {
    if (at >= this.#earliest) this.#sweep(at)
    for (const listener of this.#listeners) listener(at)
  }

  // Every live deadline is looked at only when the earliest that was ever set has passed; most have by then
  // been moved later, and the next sweep is as far off as the earliest of those.
  #sweep(at: number): void {
    let earliest = Number.POSITIVE_INFINITY
    const due: Timed[] = []
    for (const item of this.#items) {
      if (item.deadline <= at) due.push(item)
      else if (item.deadline < earliest) earliest = item.deadline
    }
    this.#earliest = earliest
    for (const item of due) {
      // An earlier one of this very sweep may have cleared or moved it.
      if (item.deadline === 0 || item.deadline > at) continue
      this.clear(item)
      item.expired(at)
    }
  }
}
