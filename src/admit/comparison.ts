// When a number that requests seem to prove by overtaking one another is held against what they take in small company, and
// what follows: fewer are at work than are let go (`crowding.ts`). Nothing is compared where few are let go anyway, nor
// beside requests that cannot be waited for. Pure: time is an argument.

import { Crowding, FEW } from './crowding.ts'
import type { FinderOptions, SlotBelief } from './slot-belief.ts'
import { together, type WorkProofs } from './work-proofs.ts'

/** No number is lowered to less: there a wrong one costs little. */
const LEAST = 4
/** So much of the number must be seen for it to be worth a look. */
const SEEN = 0.85
/** With a smaller share of them at work, too many are let go. */
const CROWDED = 0.7
/** With so large a share at work, by the middle of what it may be, more may be. */
const BUSY = 0.8
/** How long one may last in all, and how long without anybody who has no company. */
const MOST_MS = 5_000
const EMPTIED_MS = 2_000
/** From one to the next: as a multiple of what one lasted, a fiftieth of the time, within these bounds. */
const SHARE = 50
const EVERY_MS = 15_000
const AT_LEAST_EVERY_MS = 60_000
/** So many at work at once, and no queue is needed; a comparison that might say otherwise is waited for so long. */
export const NO_LIMIT = 64
const PATIENCE_MS = 3_000

export class Comparison {
  /** It is under way: only a few are let go. */
  isUnderWay = false
  /** That requests overtake one another has been found to prove nothing. */
  overtakes = false
  readonly #options: FinderOptions
  readonly #belief: SlotBelief
  readonly #work: WorkProofs
  readonly #crowding = new Crowding()
  #compared = 0
  #began = 0
  #every = 0
  /** The number was raised, and is to be compared at once. */
  #raised = false
  /** The most that seemed to be at work at once, once it was so many that there would be no limit; and since when. */
  #boundless = 0
  #boundlessAt = 0

  constructor(options: FinderOptions, belief: SlotBelief, work: WorkProofs) {
    this.#options = options
    this.#belief = belief
    this.#work = work
    work.took = (route, ms, among) => this.#crowding.took(route, ms, among)
  }

  /**
   * Whether there is no limit, as so many seem to be at work at once, and the comparison has not said otherwise.
   * @param best so many seem to be now
   * @returns the most that did; 0: there may be one
   */
  boundless(best: number, at: number): number {
    if (best >= NO_LIMIT && this.#boundless === 0) this.#boundlessAt = at
    if (best >= NO_LIMIT) this.#boundless = Math.max(this.#boundless, best)
    const said = this.#compared === this.#belief.limit || at - this.#boundlessAt >= PATIENCE_MS
    return said ? this.#boundless : 0
  }

  /** The upstream may be another. */
  forget(): void {
    this.isUnderWay = this.overtakes = false
    this.#compared = this.#boundless = this.#every = 0
    this.#crowding.forget()
  }

  /** To be called ten times a second. @returns whether it is under way */
  tick(inFlight: number, at: number): boolean {
    const { limit } = this.#belief
    if (this.isUnderWay) {
      const lasted = at - this.#began
      if (
        this.#crowding.isEnough(limit * CROWDED) ||
        lasted > MOST_MS ||
        (lasted > EMPTIED_MS && !this.#crowding.hasBegun)
      )
        this.#end(at)
      return true
    }
    const full = inFlight >= limit * SEEN
    this.#crowding.tick(full, limit, at)
    if (!full || !this.#isWanted(inFlight, at)) return false
    this.isUnderWay = true
    this.#began = at
    this.#crowding.begin()
    this.#options.changed()
    return true
  }

  #isWanted(inFlight: number, at: number): boolean {
    const { limit, trying } = this.#belief
    if (!Number.isFinite(limit)) return false
    // Lower it could not go; but it may have been lowered too far.
    if (!this.overtakes && limit <= Math.max(this.#options.least, LEAST)) return false
    // What is tried must show first, and overtaking must speak for the number.
    if (trying && inFlight > limit && this.#boundless === 0) return false
    if (!this.overtakes && this.#work.best < limit * SEEN) return false
    const due = limit !== this.#compared || at - this.#began > this.#every
    if (!due) return false
    const could = this.#crowding.isFull(at - this.#work.oldestAt(at))
    // Beside requests that take long the number can only be looked for by overtaking again.
    if (!could && at - this.#began > EVERY_MS) this.overtakes = false
    return could
  }

  #end(at: number): void {
    const { limit } = this.#belief
    const again = this.#compared === limit || this.#raised
    this.isUnderWay = false
    this.#compared = limit
    this.#every = Math.min(AT_LEAST_EVERY_MS, Math.max(EVERY_MS, SHARE * (at - this.#began)))
    this.#raised = false
    this.#work.tellOpen(at, (route, ms, among) => {
      if (among <= FEW) this.#crowding.isOpen(route, ms)
    })
    const atWork = this.#crowding.atWork
    // Chance may have shown short ones only: it is not halved twice on one's word.
    const least = Math.max(this.#options.least, LEAST, Math.ceil(limit / 2))
    const found = atWork === null ? limit : Math.max(least, Math.ceil(atWork.most))
    const { waited } = this.#crowding
    const busy = atWork !== null && (atWork.least + atWork.most) / 2 >= limit * BUSY
    if (found < limit * CROWDED && waited === true) {
      this.overtakes = true
      this.#belief.edge(found, together(found), at)
    } else if (this.overtakes && again && busy) {
      this.#raised = true
      this.#belief.startFrom(limit + Math.ceil(limit / 4), together(limit), at)
    } else {
      this.#belief.settle(at)
    }
  }
}
