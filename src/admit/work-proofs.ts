// What the times of requests have proven since more or fewer were let go: how many were at work at once, how often that
// was seen, and how many requests have ended that could have shown it. Pure; what follows is `slot-finder.ts`'s to say.

import { Concurrency, type Took } from './concurrency.ts'

/** Seen so often it is no accident. */
const OFTEN = 2
const BEAT_MS = 100
/** The event loop was held up when a beat comes so late: what ended meanwhile was heard of at once and in any order. */
const LATE_MS = 25
/** How the lateness of the beats is forgotten, by the beat. */
const FADES = 0.9

export class WorkProofs {
  /** The highest number that was proven. */
  best = 0
  /** Requests that have ended since `best` last rose, and might have shown more. */
  ends = 0
  /** The most that were in flight at once. */
  peak = 0
  #work = new Concurrency((route, ms, among) => this.took(route, ms, among))
  /** By number: how many ends proved that so many were at work at once. */
  #seen: number[] = []
  #beat = 0
  /** How late the beats came lately: what is told is about as late. */
  #lateness = 0

  /** Hears what each took that was answered whole. */
  took: Took = () => {}

  /** Tells of each that is with the upstream how long it has been, and among how many it came. */
  tellOpen(at: number, tell: Took): void {
    this.#work.tellOpen(at, tell)
  }

  /** When the one was granted that has been with the upstream for longest; now, when there is none. */
  oldestAt(at: number): number {
    return this.#work.oldestAt(at)
  }

  /** Requests that ended in company so small that nobody waited, since the times were forgotten. */
  get calm(): number {
    return this.#work.calm
  }

  granted(lane: number, route: string, at: number): void {
    this.#work.granted(lane, route, at)
    if (this.#work.inFlight > this.peak) this.peak = this.#work.inFlight
  }

  /**
   * @param known in the company of so many nobody waits for a worker
   * @param full with so many in flight an end might have shown more
   */
  ended(lane: number, answered: boolean, known: number, full: number, at: number): void {
    const before = this.#work.inFlight
    const proof = this.#work.ended(lane, answered, known, at, this.#lateness)
    if (at - this.#beat > BEAT_MS + LATE_MS) return
    for (let n = 1; n <= proof; n++) {
      this.#seen[n] = (this.#seen[n] ?? 0) + 1
      if (n <= this.best || this.#seen[n]! < OFTEN) continue
      this.best = n
      this.ends = 0
    }
    if (answered && before >= full) this.ends++
  }

  /** To be called ten times a second: what was heard late proves nothing. */
  tick(at: number): void {
    const late = at - this.#beat - BEAT_MS
    this.#lateness = Math.max(this.#lateness * FADES, Math.min(late, LATE_MS), 0)
    this.#beat = at
  }

  /** More or fewer are let go from now on. */
  begin(): void {
    this.peak = this.#work.inFlight
    this.#clear()
  }

  /** The times that requests take are to be learnt anew. */
  forget(): void {
    this.#work.forget()
  }

  /** Slots were taken and given back unheard: begins anew. */
  restart(): void {
    this.#work = new Concurrency((route, ms, among) => this.took(route, ms, among))
    this.begin()
  }

  #clear(): void {
    this.best = 0
    this.ends = 0
    this.#seen = []
  }
}

/** The evidence in words. */
export function inTime(slots: number): string {
  return `timing: ${slots} at work at once, one more had to wait for them`
}

export function together(slots: number): string {
  return `timing: about ${slots} at work at once, and more only wait for one another`
}
