// By how much an answer must be there before its client leaves, as a share of the client's wait: a client counts from before
// its first byte came and until the answer has reached it. How wide that has to be is learnt from work that was begun too
// late. In a burst on a quiet machine the narrow one serves most; at just the capacity on a busy one half of the answers
// came too late with it (goodput 0.45). Pure.

const LEAST = 1 / 32
const MOST = 1 / 4
/** Each that was begun too late widens it by so much, each that was in time after a wait narrows it: one in forty is late. */
const WIDENS = 1.4
const NARROWS = 1 / 1.01

export class Margin {
  share = LEAST

  /** A client left while a worker had its request, for which it had waited. @param usualMs what the work usually takes */
  wasLate(tookMs: number, usualMs: number): void {
    // One that took longer than usual was late for that, and no margin would have helped it.
    if (tookMs <= usualMs) this.share = Math.min(MOST, this.share * WIDENS)
  }

  /** A client that had waited was answered. */
  wasInTime(): void {
    this.share = Math.max(LEAST, this.share * NARROWS)
  }
}
