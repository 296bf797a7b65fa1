// When more requests are let go than are believed to fit, and whether one of them may be one that must not be sent twice.
// What comes of it is `slot-finder.ts`'s to judge. Pure: time is an argument.

import type { FinderOptions, SlotBelief } from './slot-belief.ts'
import type { WorkProofs } from './work-proofs.ts'

/** By timing alone so many requests must have ended first: what one takes without a wait is to be compared with. */
const CALM_FIRST = 4
/** Where only requests wait that must not be sent twice, one is tried so long after a look began in vain; later seldom. */
const EXPOSED_AFTER_MS = 100
const EXPOSED_SELDOM = 4
/** With nothing known and nothing ended, one more is let go after so long, up to a few. */
const BLIND_MS = 250
const BLIND_MOST = 8

export class SlotTrials {
  readonly #options: Pick<FinderOptions, 'kernel'>
  readonly #belief: SlotBelief
  readonly #work: WorkProofs
  /** When nobody waited last. */
  #idleAt = 0

  /** @param options `kernel` may change while it runs */
  constructor(options: Pick<FinderOptions, 'kernel'>, belief: SlotBelief, work: WorkProofs) {
    this.#options = options
    this.#belief = belief
    this.#work = work
  }

  /** Nobody waits: there is nobody to try with. */
  pause(inFlight: number, at: number): void {
    this.#idleAt = at
    if (this.#belief.trying && inFlight <= this.#belief.limit) this.#belief.settle(at)
  }

  /** Somebody waits, and nothing is tried: whether something is, from now on. */
  begin(inFlight: number, at: number): void {
    const { limit, first, since, step, lookAt } = this.#belief
    const timed = this.#options.kernel || !first || this.#work.calm >= CALM_FIRST
    if (timed && at >= lookAt && inFlight >= limit) this.#belief.look(limit + step, at)
    else if (first && this.#work.ends === 0 && at - Math.max(since, this.#idleAt) >= BLIND_MS)
      this.#belief.look(limit + 1, at)
  }

  /** Somebody waits, and something is tried. */
  goOn(inFlight: number, at: number): void {
    const { limit, first, since, exposed, ceiling, lookEvery } = this.#belief
    // Only requests wait that must not be sent twice: one of them it is, then.
    const patience = first ? EXPOSED_AFTER_MS : EXPOSED_SELDOM * lookEvery
    if (!exposed && inFlight <= limit && at - since >= patience) this.#belief.expose()
    else if (first && this.#work.ends === 0 && inFlight >= ceiling && ceiling < BLIND_MOST) {
      // Nothing ends, and nothing is known: the next in line must not wait for that.
      if (at - since >= BLIND_MS) this.#belief.look(Math.min(BLIND_MOST, ceiling * 2), at)
    }
  }
}
