// How fast the queue drains, and so when it is worth asking again: what `Retry-After` says. Pure: no clock of its own.

/** Over how long the rate is taken. */
const OVER_MS = 5_000
/** The least and the most that a client is asked to wait. */
const LEAST_S = 1
const MOST_S = 60
/** The golden ratio's fraction: successive multiples of it spread evenly, whatever their number. */
const SPREAD = 0.618033988749895

export class DrainRate {
  #count = 0
  #at = 0
  #since = 0
  #turn = 0

  /** One, or so many, were given to a worker. */
  drained(at: number, count = 1): void {
    if (this.#since === 0) this.#since = this.#at = at
    this.#count = this.#count * Math.exp((this.#at - at) / OVER_MS) + count
    this.#at = at
  }

  /** Requests a second; 0 while nothing is known. */
  rate(at: number): number {
    if (this.#since === 0 || at <= this.#since) return 0
    const faded = this.#count * Math.exp((this.#at - at) / OVER_MS)
    return (faded * 1000) / (OVER_MS * (1 - Math.exp((this.#since - at) / OVER_MS)))
  }

  /**
   * Whole seconds until `ahead` others have been served, up to half as much more so that those told at once do not
   * come back at once; null while nothing is known.
   */
  retryAfter(ahead: number, at: number): number | null {
    const rate = this.rate(at)
    if (rate === 0) return null
    this.#turn = (this.#turn + SPREAD) % 1
    const seconds = (ahead + 1) / rate
    return Math.min(MOST_S, Math.max(LEAST_S, Math.ceil(seconds * (1 + this.#turn / 2) + this.#turn)))
  }
}
