// When requests come: timetables for open loops, each a function that gives the next moment. Deterministic, so that
// every contender meets the same arrivals.

/** The next arrival, in milliseconds from the start; never less than the one before. */
export type Arrivals = () => number

/** So many a second, each as far from the last. */
export function evenly(rate: number): Arrivals {
  let sent = 0
  return () => (sent++ * 1000) / rate
}

/**
 * So many in every second, each at a moment of its own: near as irregular as independent visitors (a Poisson process
 * with its count per second given), without a load that differs from the one asked for.
 */
export function scattered(rate: number, seed: number): Arrivals {
  const random = lehmer(seed)
  let second = 0
  let owed = 0
  let due: number[] = []
  return () => {
    while (due.length === 0) {
      owed += rate
      const now = Math.floor(owed)
      owed -= now
      due = Array.from({ length: now }, () => (second + random()) * 1000).sort((a, b) => b - a)
      second++
    }
    return due.pop()!
  }
}

/** Several timetables as one; `which` tells whose the arrival that was given last is. */
export function merged(all: Arrivals[]): { next: Arrivals; which(): number } {
  const due = all.map(each => each())
  let last = 0
  return {
    next: () => {
      last = 0
      for (let index = 1; index < due.length; index++) if (due[index]! < due[last]!) last = index
      const at = due[last]!
      due[last] = all[last]!()
      return at
    },
    which: () => last,
  }
}

/** Numbers from 0 to below 1 by the minimal standard generator (Park and Miller 1988, multiplier 48,271). */
function lehmer(seed: number): () => number {
  const modulus = 2 ** 31 - 1
  let state = (seed % (modulus - 1)) + 1
  return () => {
    state = (state * 48_271) % modulus
    return state / modulus
  }
}
