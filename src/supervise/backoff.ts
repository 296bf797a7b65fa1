// How long to wait before the app is started again. Knows no process and no clock.

const FIRST_MS = 250
const LONGEST_MS = 10_000
/** One that was ready for so long, in milliseconds, did not die at once. */
const SETTLED_MS = 10_000

export interface Backoff {
  /** @param readyMs how long it was ready before it died */
  pauseAfter(readyMs: number): number
}

/** Pauses that double from a quarter of a second to ten, and begin anew after a run that lasted. */
export function backoff(): Backoff {
  let next = FIRST_MS
  return {
    pauseAfter(readyMs) {
      const pause = readyMs >= SETTLED_MS ? FIRST_MS : next
      next = Math.min(pause * 2, LONGEST_MS)
      return pause
    },
  }
}
