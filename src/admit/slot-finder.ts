// How many slots an upstream has, found out while it works: believed so far (`limit`), and what is tried beyond
// (`ceiling`). Pure: it is told what happens and when, and says how many requests may be with the upstream at once.
// It knows no sockets and no queue.
//
// To find more, one request more than is believed to fit must be let go; only one that can be sent again, and only
// while others wait. Then either the kernel shows it waiting in the listener's backlog (that is the edge), or the
// timing does: `concurrency.ts` never finds it at work together with all the others. See docs/workers.md.

import { Concurrency } from './concurrency.ts'
import type { PoolWatcher } from './slot-pool.ts'

export interface FinderOptions {
  /** What is believed at first, and never gone below. */
  readonly least: number
  /** Where that comes from, for people; null: from nowhere. */
  readonly from: string | null
  /** Whether the kernel of this machine shows the upstream's listener. */
  readonly kernel: boolean
  /** Whether requests wait that the upstream could be given. */
  waiting(): boolean
  /** `limit` or `ceiling` has changed. */
  changed(): void
  /** The number is known, and is another than before. */
  found(): void
}

/**
 * `unknown`; `exact`: it accepts what it works on and no more, so that the kernel shows its number; `more`: it accepts
 * more than it works on (threads), so that only timing tells; `none`: no limit was found.
 */
export type Kind = 'unknown' | 'exact' | 'more' | 'none'

/** Seen so often it is no accident. */
const TWICE = 2
/** Requests that must have ended, for each slot, before what was not seen is believed not to be. */
const ENDS_TO_JUDGE = 4
const ENDS_TO_LOWER = 8
/** Readings of the kernel's tables to a verdict, of which the median counts. */
const READINGS = 5
export const READING_EVERY_MS = 5
/** From one look for more slots to the next: the shortest after a change, doubled up to the longest. */
const LOOK_AFTER_MS = 250
const LOOK_EVERY_MS = 2_000
/** The same where only requests wait that must not be sent twice. */
const EXPOSED_AFTER_MS = 100
const EXPOSED_EVERY_MS = 10_000
/** Less is believed after so many looks in a row, over so long: a killed worker comes back sooner. */
const LOWER_LOOKS = 3
const LOWER_MS = 2_000
/** Where timing tells, the times of the routes are learnt anew so often, and for so long at most. */
const CALM_EVERY_MS = 15_000
const CALM_MOST_MS = 5_000
/** With nothing known and no request ended, one more is let go after so long, up to a few. */
const BLIND_MS = 250
const BLIND_MOST = 8
/** Accepted without a proof that they are worked on: so many, or so many times what is proven. */
const UNPROVEN_MOST = 16
const UNPROVEN_TIMES = 4
/** So many at work at once, and there is no limit that would need a queue. */
const NO_LIMIT = 64

export class SlotFinder implements PoolWatcher {
  kind: Kind = 'unknown'
  limit: number
  /** What can be sent again may go up to here. */
  ceiling: number
  /** Where the number comes from, for people. */
  evidence: string
  readonly #options: FinderOptions
  readonly #work = new Concurrency()
  /** While the number is looked for the first time it is doubled, later raised by one. */
  #first: boolean
  #step = 1
  /** Proven by timing since the upstream was last seen to be another. */
  #proven = 0
  #lookAt = 0
  #lookEvery = LOOK_AFTER_MS
  /** One that must not be sent twice is let go beyond the limit. */
  #exposed = false
  #idleSince = 0
  /** Times are learnt anew, with fewer slots for a moment; 0: not now. */
  #calm = 0
  #calmAt = 0
  #calmEvery = CALM_EVERY_MS
  #judged = 0
  // Since the limit or the ceiling changed:
  #since = 0
  #ends = 0
  #peak = 0
  /** By number: how many ends proved that so many were at work at once. */
  #proofs: number[] = []
  // Readings of one look.
  readonly #accepted: number[] = []
  readonly #queued: number[] = []
  #readAt = 0
  readonly #lower: { at: number; number: number }[] = []
  #said = 0

  constructor(options: FinderOptions) {
    this.#options = options
    this.limit = this.ceiling = options.least
    this.evidence = options.from ?? 'nothing yet'
    this.#first = options.from === null
    this.#said = options.from === null ? 0 : options.least
  }

  /** How many may be with the upstream at once, whatever they are. */
  get forAny(): number {
    if (this.#calm > 0) return this.#calm
    return this.#exposed ? this.limit + 1 : this.limit
  }

  get forResendable(): number {
    return this.#calm > 0 ? this.#calm : Math.max(this.ceiling, this.forAny)
  }

  // In the company of so many nobody waits for a worker. What the kernel shows accepted may yet wait for a thread.
  get #trusted(): number {
    const accepted = this.kind === 'unknown' && this.#options.kernel
    return accepted ? Math.max(this.#options.least, this.#proven) : this.limit
  }

  /** PoolWatcher */
  granted(lane: number, route: string, at: number): void {
    if (this.kind === 'none') return
    this.#work.granted(lane, route, at)
    if (this.#work.inFlight > this.#peak) this.#peak = this.#work.inFlight
  }

  /** PoolWatcher */
  ended(lane: number, answered: boolean, at: number): void {
    if (this.kind === 'none') return
    const before = this.#work.inFlight
    const proof = this.#work.ended(lane, answered, this.#calm || this.#trusted, at)
    if (this.#calm > 0) {
      if (this.#work.calm >= ENDS_TO_JUDGE * this.#calm) this.#endCalm(at)
      return
    }
    for (let n = 1; n <= proof; n++) this.#proofs[n] = (this.#proofs[n] ?? 0) + 1
    const trying = this.forResendable > this.limit
    if (answered && before >= (trying ? this.limit + 1 : this.limit)) this.#ends++
    this.#judgeTiming(at)
  }

  /** The upstream was away and is back: what was found may hold no longer, but is the best guess. */
  returned(at: number): void {
    if (this.kind !== 'none') this.kind = 'unknown'
    this.#lower.length = 0
    this.#lookEvery = LOOK_AFTER_MS
    this.#settle(this.limit, at)
  }

  // — timing

  #judgeTiming(at: number): void {
    const best = this.#bestProof()
    if (best > this.#proven) this.#proven = best
    if (best > this.#judged) {
      this.#judged = best
      this.#ends = 0
    }
    if (this.kind === 'exact') return
    if (best >= NO_LIMIT) {
      this.#lift(at, `no limit: ${best} were at work at once`)
      return
    }
    const trying = this.forResendable > this.limit
    if (this.kind === 'unknown' && this.#options.kernel && this.limit > this.#options.least) {
      this.#judgeAcceptedOnly(best, at)
    } else if (!trying) this.#judgeDown(best, at)
    else if (best >= this.ceiling && best > this.limit) {
      // All that was tried is at work: more, at once.
      this.#raise(best, `timing: ${best} at work at once`, at)
    } else if (best > this.limit) {
      this.#take(best, `timing: ${best} at work at once`)
      this.#options.changed()
    } else if (this.#peak > this.limit && this.#ends >= ENDS_TO_JUDGE * (this.limit + 1)) {
      this.kind = 'more'
      this.#edge(this.limit, inTime(this.limit), at)
    }
  }

  // All that came was accepted; that they are worked on must show now, or timing counts alone.
  #judgeAcceptedOnly(best: number, at: number): void {
    if (best >= Math.min(this.#peak, this.limit) || this.#ends < ENDS_TO_JUDGE * (best + 1)) return
    this.kind = 'more'
    const found = Math.max(this.#options.least, best)
    this.#work.forget()
    this.#calmAt = at
    this.#take(found, inTime(found))
    this.#step = found
    this.#settle(found, at)
  }

  #judgeDown(best: number, at: number): void {
    if (this.limit <= this.#options.least || this.#ends < ENDS_TO_LOWER * this.limit) return
    if (best >= this.limit || best === 0) this.#lower.length = 0
    else this.#lower.push({ at, number: best })
    if (this.#lower.length < 2) {
      this.#newEpoch(at)
      return
    }
    const found = Math.max(this.#options.least, ...this.#lower.map(({ number }) => number))
    this.#lower.length = 0
    this.#proven = 0
    this.#edge(found, inTime(found), at)
    this.#beginCalm(at)
  }

  /** The highest number that was proven often enough. */
  #bestProof(): number {
    for (let n = this.#proofs.length - 1; n > 0; n--) if ((this.#proofs[n] ?? 0) >= TWICE) return n
    return 0
  }

  // — the kernel's tables

  /** Whether a reading is wanted now. */
  wantsReading(at: number): boolean {
    const looking = this.forResendable > this.limit || this.#accepted.length > 0
    if (looking) return at - this.#readAt >= READING_EVERY_MS
    return this.kind !== 'more' && at >= this.#lookAt && at - this.#readAt >= READING_EVERY_MS
  }

  /**
   * What the kernel shows.
   * @param busy our connections to the upstream, of which
   * @param queued wait in the listener's backlog
   */
  read(busy: number, queued: number, at: number): void {
    this.#readAt = at
    const trying = this.forResendable > this.limit
    // What is tried must be there to be seen.
    if (busy === 0 || (trying && busy <= this.limit)) return
    this.#accepted.push(Math.max(0, busy - queued))
    this.#queued.push(queued)
    if (this.#accepted.length < READINGS) return
    const accepted = median(this.#accepted)
    const waits = median(this.#queued) > 0
    this.#accepted.length = this.#queued.length = 0
    if (waits) this.#judgeBacklog(accepted, at)
    else {
      this.#lower.length = 0
      if (trying) this.#judgeAccepted(accepted, at)
      else this.#lookAt = at + this.#lookEvery
    }
  }

  #judgeBacklog(accepted: number, at: number): void {
    // Nothing is accepted at all: it starts, or stands still.
    if (accepted === 0) {
      this.#settle(this.limit, at)
      return
    }
    if (this.kind === 'none' || accepted < this.limit) {
      this.#lower.push({ at, number: accepted })
      const first = this.#lower[0]!.at
      if (this.#lower.length < LOWER_LOOKS || at - first < LOWER_MS) {
        this.#settle(this.limit, at)
        return
      }
    }
    const found = Math.max(this.#options.least, accepted, ...this.#lower.map(({ number }) => number))
    this.kind = 'exact'
    this.#lower.length = 0
    this.#edge(found, `kernel: ${found} accepted while one more waited`, at)
  }

  #judgeAccepted(accepted: number, at: number): void {
    if (this.kind === 'more') return
    const allowed = Math.max(UNPROVEN_MOST, UNPROVEN_TIMES * this.#proven)
    if (this.kind === 'exact' || accepted <= allowed) {
      this.#raise(Math.max(this.limit, accepted), `kernel: ${accepted} accepted, and none waited yet`, at)
    }
  }

  // — now and then

  /** To be called ten times a second, and when a reading is due. */
  tick(at: number): void {
    if (this.kind === 'none') return
    if (this.#calm > 0) {
      if (at - this.#calmAt > CALM_MOST_MS) this.#endCalm(at)
      return
    }
    const waiting = this.#options.waiting()
    const { inFlight } = this.#work
    const trying = this.forResendable > this.limit
    if (!waiting) {
      this.#idleSince = at
      if (trying && inFlight <= this.limit) this.#settle(this.limit, at)
      return
    }
    if (!trying) {
      if (this.kind === 'more' && this.limit > this.#options.least && at - this.#calmAt > this.#calmEvery) {
        this.#beginCalm(at)
        return
      }
      // By timing alone, a few must have ended first: what a request takes without a wait is to be compared with.
      const timed = this.#options.kernel || !this.#first || this.#work.calm >= ENDS_TO_JUDGE
      if (timed && at >= this.#lookAt && inFlight >= this.limit) this.#look(this.limit + this.#step, at)
      else if (this.#first && this.#ends === 0 && at - Math.max(this.#since, this.#idleSince) >= BLIND_MS)
        this.#look(this.limit + 1, at)
      return
    }
    // Only requests wait that must not be sent twice: one of them it is, then.
    const patience = this.#first ? EXPOSED_AFTER_MS : EXPOSED_EVERY_MS
    if (!this.#exposed && inFlight <= this.limit && at - this.#since >= patience) {
      this.#exposed = true
      this.#options.changed()
    } else if (this.#first && this.#ends === 0 && inFlight >= this.ceiling && this.ceiling < BLIND_MOST) {
      // Nothing ends, and nothing is known: the next in line must not wait for that.
      if (at - this.#since >= BLIND_MS) this.#look(Math.min(BLIND_MOST, this.ceiling * 2), at)
    }
  }

  // What a route takes can only be seen where nobody waits in the upstream. With half the slots nobody does, or
  // fewer than now, and the number that follows is lower, and so on.
  #beginCalm(at: number): void {
    this.#work.forget()
    this.#calm = Math.max(1, this.limit >> 1)
    this.#calmAt = at
  }

  #endCalm(at: number): void {
    // At most a fiftieth of the time goes with half the slots, a hundredth of what they do.
    this.#calmEvery = Math.max(CALM_EVERY_MS, 50 * (at - this.#calmAt))
    this.#calm = 0
    this.#calmAt = at
    this.#settle(this.limit, at)
  }

  #look(ceiling: number, at: number): void {
    this.ceiling = ceiling
    this.#accepted.length = this.#queued.length = 0
    this.#newEpoch(at)
    this.#options.changed()
  }

  // What was tried fits. Evidently there may be more.
  #raise(limit: number, evidence: string, at: number): void {
    this.#step = this.#first ? limit : this.#step * 2
    this.#lookEvery = LOOK_AFTER_MS
    this.#take(limit, evidence)
    this.#look(limit + this.#step, at)
  }

  // More than this does not fit.
  #edge(limit: number, evidence: string, at: number): void {
    const changed = limit !== this.limit
    this.#first = false
    this.#step = 1
    this.#lookEvery = changed ? LOOK_AFTER_MS : Math.min(this.#lookEvery * 2, LOOK_EVERY_MS)
    this.#take(limit, evidence)
    this.#settle(limit, at)
    if (limit === this.#said) return
    this.#said = limit
    this.#options.found()
  }

  #lift(at: number, evidence: string): void {
    this.kind = 'none'
    this.#first = false
    this.#take(Number.POSITIVE_INFINITY, evidence)
    this.#settle(this.limit, at)
    this.#said = this.limit
    this.#options.found()
  }

  #take(limit: number, evidence: string): void {
    const { least, from } = this.#options
    // A number that was given is said as long as nothing else was found.
    if (from === null) this.evidence = evidence
    else this.evidence = limit === least ? from : `${evidence}, beyond ${from}`
    this.limit = limit
  }

  #settle(limit: number, at: number): void {
    this.ceiling = limit
    this.#exposed = false
    this.#lookAt = at + this.#lookEvery
    this.#accepted.length = this.#queued.length = 0
    this.#newEpoch(at)
    this.#options.changed()
  }

  #newEpoch(at: number): void {
    this.#since = at
    this.#ends = 0
    this.#judged = 0
    this.#peak = this.#work.inFlight
    this.#proofs = []
  }
}

function inTime(slots: number): string {
  return `timing: ${slots} at work at once, one more had to wait for them`
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}
