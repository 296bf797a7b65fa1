// How long clients wait before they leave, learnt from those who left and from those who did not: the product-limit
// estimate (Kaplan and Meier 1958) of survival over waiting time. Requests that ended otherwise count as "stayed at least
// so long", so that one impatient client among many moves nothing, and fast service does not look like impatience.
// Old evidence fades. Pure: no clock of its own.
//
// Invariants: bounded memory; a probability in [0, 1] for every wait; with no departures within memory it is 0.

/** Eight cells to a doubling from 4 ms to 17 minutes: what is known of an age is right within a tenth of it. */
const STEPS = 8
const OFFSET = 2 * STEPS
const CELLS = 18 * STEPS
/** Evidence counts half after this time. */
const HALF_LIFE_MS = 10_000
/** So much evidence of staying is taken for granted at every age: three departures say something, one does not. */
const PRIOR = 2
/** The curve is worked out anew at most this often. */
const REFRESH_MS = 50
/** Those who leave before this share has left are the impatient few. */
const LOW_QUANTILE = 0.1

export class Patience {
  readonly #ended = new Float64Array(CELLS)
  readonly #left = new Float64Array(CELLS)
  /** The share that is still there before cell i; one more than there are cells. */
  readonly #survival = new Float64Array(CELLS + 1).fill(1)
  /** Weights grow instead of evidence shrinking: a new observation counts 2^((at - epoch) / half-life). */
  #epoch = 0
  #weight = 1
  #workedOutAt = Number.NEGATIVE_INFINITY
  #anyLeft = false

  /** One that waited so long has ended: its client left, or it was answered, shed, or timed out. */
  observe(waitMs: number, left: boolean, at: number): void {
    if (!left && !this.#anyLeft) return
    this.#age(at)
    const cell = cellOf(waitMs)
    this.#ended[cell]! += this.#weight
    if (!left) return
    this.#left[cell]! += this.#weight
    this.#anyLeft = true
  }

  /**
   * The probability that a client that is still there after `waitMs` leaves within the next `withinMs`.
   * @param waiting how long those have waited who wait now: whoever is still there is evidence too
   */
  leaves(waitMs: number, withinMs: number, at: number, waiting: () => Iterable<number>): number {
    if (!this.#anyLeft) return 0
    if (at - this.#workedOutAt >= REFRESH_MS) this.#workOut(at, waiting())
    const now = this.#survival[cellOf(waitMs)]!
    return now === 0 ? 1 : 1 - this.#survival[cellOf(waitMs + withinMs) + 1]! / now
  }

  /** Milliseconds after which the first tenth has left; null while that is not known. */
  low(): number | null {
    for (let cell = 0; cell < CELLS; cell++) {
      if (this.#survival[cell + 1]! <= 1 - LOW_QUANTILE) return edgeOf(cell)
    }
    return null
  }

  #workOut(at: number, waiting: Iterable<number>): void {
    this.#age(at)
    this.#workedOutAt = at
    const survival = this.#survival
    // How many end in each cell or wait there now; then, from the far end, how many come to it at all.
    survival.fill(0)
    for (const waitMs of waiting) survival[cellOf(waitMs)]!++
    let reached = PRIOR
    let evidence = 0
    for (let cell = CELLS - 1; cell >= 0; cell--) {
      const left = this.#left[cell]! / this.#weight
      // Who stayed into this cell and not beyond has, on average, seen half of it (the actuarial estimate).
      const here = survival[cell]! + this.#ended[cell]! / this.#weight - left
      evidence += left
      survival[cell] = left === 0 ? 1 : 1 - left / (reached + left + Math.max(0, here) / 2)
      reached += here + left
    }
    let share = 1
    for (let cell = 0; cell < CELLS; cell++) {
      const stays = survival[cell]!
      survival[cell] = share
      share *= stays
    }
    survival[CELLS] = share
    if (evidence < 0.01) this.#forget()
  }

  #forget(): void {
    this.#ended.fill(0)
    this.#left.fill(0)
    this.#survival.fill(1)
    this.#anyLeft = false
  }

  #age(at: number): void {
    if (!this.#anyLeft) this.#epoch = at
    let age = (at - this.#epoch) / HALF_LIFE_MS
    // Long before the numbers run out of range they are brought back to a weight of one.
    if (age > 30) {
      const scale = 2 ** -age
      for (let cell = 0; cell < CELLS; cell++) {
        this.#ended[cell]! *= scale
        this.#left[cell]! *= scale
      }
      this.#epoch = at
      age = 0
    }
    this.#weight = 2 ** age
  }
}

function cellOf(ms: number): number {
  const cell = ms <= 1 ? 0 : Math.floor(Math.log2(ms) * STEPS) - OFFSET
  return cell < 0 ? 0 : cell >= CELLS ? CELLS - 1 : cell
}

/** The lower edge of a cell, in milliseconds. */
function edgeOf(cell: number): number {
  return cell === 0 ? 0 : 2 ** ((cell + OFFSET) / STEPS)
}
