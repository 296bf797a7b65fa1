// Who is served next, and who is told not to wait any longer. While the queue empties regularly: first in, first out. In an
// overload (`overload.ts`): the newest first, fair between clients, and whoever can no longer be answered in time is told so
// at once.
//
// Invariants:
// 1. Work-conserving: `next` returns null only when nobody waits. An estimate decides the order, and who is told to go
//    while others wait; never whether a free slot is used.
// 2. Health checks come first, then those that come again (the last one first), then all others.
// 3. First in, first out for as long as whoever is at the head can be answered in time.
// 4. An entry waits in exactly one place of `#lanes`, in order of age there; nobody is put aside in vain more than once a
//    tick, so that each operation is O(log n) amortised.
// 5. Pure: time is an argument, and the same calls give the same answers.

import { FairShare, type Sharer } from './fair-share.ts'
import { Margin } from './margin.ts'
import { Overload, TARGET_MS } from './overload.ts'
import { Patience } from './patience.ts'
import { ServiceTimes } from './service-times.ts'
import { type Waiter, WaitQueue } from './wait-queue.ts'

/** Where an entry joins: the health checks' own lane, the head (it comes again), or the line. */
export type Lane = 'health' | 'again' | 'line'
export type Order = 'fifo' | 'newest_first'

/** One that waits. All but `client`, `route`, `answerBy` and `since` is the policy's own. */
export interface Entry extends Waiter, Sharer {
  readonly route: string
  /** When the edge gives up; 0: not known. */
  readonly answerBy: number
}

/** Whoever is more likely than this to leave before the answer comes is not started while others wait. */
const LIKELY = 0.5
/** A route whose clients stay for its answer less often than this is started when nobody else waits. */
const SELDOM = 0.25
/** One in so many that are past hope is left to wait, to learn how long clients really do. */
const WATCHED = 8

export class Policy {
  readonly times = new ServiceTimes()
  readonly patience = new Patience()
  readonly #health = new WaitQueue()
  readonly #again = new WaitQueue()
  readonly #line = new WaitQueue()
  /** Put aside: they would leave before their answer came. Served when nobody else waits, the newest first. */
  readonly #late = new WaitQueue()
  /** To be told that they wait in vain, as soon as somebody asks for them. */
  readonly #doomed = new WaitQueue()
  readonly #lanes = [this.#health, this.#again, this.#line, this.#late, this.#doomed]
  readonly #fair = new FairShare()
  readonly #margin = new Margin()
  readonly #overload = new Overload()
  /** How many were put aside in an overload. */
  #aside = 0

  get order(): Order {
    return this.#overload.on ? 'newest_first' : 'fifo'
  }

  get length(): number {
    let length = 0
    for (const lane of this.#lanes) length += lane.length
    return length
  }

  /** How many wait, but for the health check that goes first. */
  get waiting(): number {
    return this.length - this.#health.length
  }

  /** Whether a health check waits in its own lane: one at a time. */
  get healthCheckWaits(): boolean {
    return this.#health.length > 0
  }

  /** Since when whoever waits longest does, health checks aside; null when nobody does. */
  get oldestSince(): number | null {
    let since = Number.POSITIVE_INFINITY
    for (const lane of [this.#again, this.#line, this.#late]) {
      if (lane.first !== null) since = Math.min(since, (lane.first as Entry).since)
    }
    return since === Number.POSITIVE_INFINITY ? null : since
  }

  *all(): Iterable<Entry> {
    for (const lane of this.#lanes) {
      for (let at = lane.first; at !== null; ) {
        const next: Waiter | null = at.next
        yield at as Entry
        at = next
      }
    }
  }

  add(entry: Entry, lane: Lane): void {
    if (lane === 'health') this.#health.push(entry)
    else if (lane === 'again') this.#again.unshift(entry)
    else {
      this.#line.push(entry)
      if (this.#overload.on) this.#fair.add(entry)
    }
  }

  /** It waits no longer, for whatever reason; harmless when it does not wait. */
  remove(entry: Entry): void {
    WaitQueue.remove(entry)
    this.#fair.remove(entry)
  }

  /** The one whose turn it is was given a slot; it waits no longer. */
  started(entry: Entry, at: number): void {
    this.remove(entry)
    this.#overload.begun(at)
    if (this.#overload.on) {
      this.#fair.served(entry.client, Math.max(1, this.times.of(entry.route).mean), at)
    } else if (at - Math.min(entry.since, this.oldestSince ?? at) < TARGET_MS) {
      // Whoever is served young beside others that are put aside tells nothing.
      this.#overload.waitIsShort(at)
    }
  }

  /** Whose turn it is; null when nobody waits. */
  next(at: number): Entry | null {
    const first = this.#health.first ?? this.#again.first
    if (first !== null) return first as Entry
    for (;;) {
      const next = (this.#overload.on ? this.#fair.first : this.#line.first) as Entry | null
      if (next === null) return (this.#line.last ?? this.#late.last ?? this.#doomed.last) as Entry | null
      if (!this.#pastHope(next, at)) return next
      this.#putAside(next)
    }
  }

  /**
   * In an overload, whoever waits in vain, to be told so; taken out. Null when nobody is left to be told. To be asked
   * until then after each start, and now and then.
   */
  shed(at: number): Entry | null {
    if (this.#overload.on) {
      for (let oldest = this.#line.first as Entry | null; oldest !== null && this.#pastHope(oldest, at); ) {
        this.#putAside(oldest)
        oldest = this.#line.first as Entry | null
      }
    }
    const doomed = this.#doomed.first as Entry | null
    if (doomed !== null) this.remove(doomed)
    return doomed
  }

  /** In an overload, whoever makes room for a newcomer when the queue is full: the oldest. Taken out. */
  makeRoom(): Entry | null {
    if (!this.#overload.on) return null
    const oldest = (this.#doomed.first ?? this.#late.first ?? this.#line.first) as Entry | null
    if (oldest !== null) this.remove(oldest)
    return oldest
  }

  /** Now and then: those put aside who were still there when others had left may be served in their turn after all. */
  tick(at: number): void {
    for (let entry = this.#late.first; entry !== null; ) {
      const next: Waiter | null = entry.next
      if (!this.#pastHope(entry as Entry, at)) this.#takeBack(entry as Entry)
      entry = next
    }
    if (!this.#overload.turns(this.length === 0, at)) return
    if (!this.#overload.on) this.#fair.clear()
    else for (let entry = this.#line.first; entry !== null; entry = entry.next) this.#fair.add(entry as Entry)
  }

  // — what is learnt

  /** A request asked for a slot, or so many did. @param waits false when one was free */
  asked(waits: boolean, at: number, count = 1): void {
    this.#overload.asked(waits, at, count)
  }

  /** One ended its wait without a slot: its client left, or it was turned away for want of room or time. */
  gone(waitedMs: number, route: string, left: boolean, at: number): void {
    this.patience.observe(this.#beyondUsual(waitedMs, route), left, at)
    if (waitedMs >= TARGET_MS || !left) this.#overload.lost(at)
  }

  /** The upstream is back: what was lost while nobody could be served says nothing of the queue. */
  resumed(at: number): void {
    this.#overload.resumed(at)
  }

  /** One was answered in full, with its client there, by a worker that took so long. */
  answered(ageMs: number, tookMs: number, route: string, at: number): void {
    this.patience.observe(ageMs - tookMs, false, at)
    this.times.took(route, tookMs)
    if (ageMs - tookMs < TARGET_MS) this.times.stayed(route, true, at)
    else this.#margin.wasInTime()
  }

  /** A client left while a worker had its request. */
  abandoned(ageMs: number, waitedMs: number, route: string, at: number): void {
    this.patience.observe(this.#beyondUsual(ageMs, route), true, at)
    if (waitedMs >= TARGET_MS) {
      this.#overload.wasted(at)
      this.#margin.wasLate(ageMs - waitedMs, this.times.of(route).median)
    } else {
      this.times.stayed(route, false, at)
    }
  }

  #beyondUsual(ageMs: number, route: string): number {
    return Math.max(0, ageMs - this.times.of(route).median)
  }

  // — what is decided

  #pastHope(entry: Entry, at: number): boolean {
    const usual = this.times.of(entry.route)
    if (entry.answerBy !== 0 && at + usual.median > entry.answerBy) return true
    const waited = at - entry.since
    const margin = usual.deviation / 2 + waited * this.#margin.share
    if (this.patience.leaves(waited, margin, at, () => this.#waits(at)) > LIKELY) return true
    return usual.stays < SELDOM && this.times.staying(usual, at) < SELDOM
  }

  *#waits(at: number): Iterable<number> {
    for (const entry of this.all()) yield at - entry.since
  }

  #putAside(entry: Entry): void {
    this.remove(entry)
    const told = this.#overload.on && ++this.#aside % WATCHED !== 0
    if (told) this.#doomed.push(entry)
    else this.#late.push(entry)
  }

  // It was put aside for its age, so that its place is at the line's old end.
  #takeBack(entry: Entry): void {
    WaitQueue.remove(entry)
    this.#line.insert(entry, other => (other as Entry).since > entry.since)
    if (this.#overload.on) this.#fair.add(entry, true)
  }
}
