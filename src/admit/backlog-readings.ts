// The readings of one look at the kernel's tables, and their verdict. A connection is in the backlog for a moment even
// where a worker is free, and a worker that has just hung up still counts as busy: so several are taken, and the middle
// one counts. Pure.

/** Readings to a verdict. */
const READINGS = 5
/** So many of them with somebody in the backlog, and somebody waits; fewer will do where one more is tried, step by step. */
const MOST = 3
const SOME = 2
/** Readings closer to one another tell the same; timers are not exact. */
const EVERY_MS = 4

export interface Verdict {
  /** How many of our connections a worker has. */
  readonly accepted: number
  /** Whether others wait in the backlog. */
  readonly waits: boolean
}

export class BacklogReadings {
  readonly #accepted: number[] = []
  #waited = 0
  #readAt = 0

  get begun(): boolean {
    return this.#accepted.length > 0
  }

  isDue(at: number): boolean {
    return at - this.#readAt >= EVERY_MS
  }

  /** There was nothing to be seen. */
  pass(at: number): void {
    this.#readAt = at
  }

  /**
   * One reading; the verdict after the last.
   * @param busy our connections to the upstream, of which
   * @param queued wait in the backlog
   * @param cautious what is tried is rather to be found too much than to fit
   */
  add(busy: number, queued: number, at: number, cautious: boolean): Verdict | null {
    this.#readAt = at
    this.#accepted.push(Math.max(0, busy - queued))
    if (queued > 0) this.#waited++
    if (this.#accepted.length < READINGS) return null
    const waits = this.#waited >= (cautious ? SOME : MOST)
    // Where few readings are taken to show the edge, they show where it is: by the others, in which a worker that has
    // just hung up may have stood for the one that waited, there would be one worker too many.
    const counts = waits ? Math.min(this.#waited, MOST) : MOST
    const accepted = this.#accepted.sort((a, b) => a - b)[counts - 1]!
    const verdict = { accepted, waits }
    this.clear()
    return verdict
  }

  clear(): void {
    this.#accepted.length = 0
    this.#waited = 0
  }
}
