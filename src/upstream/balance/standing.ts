// How one address stands among those of its group: its weight, and whether it has failed too often lately to be given
// requests while others are there (nginx's max_fails and fail_timeout). Pure: time is an argument, in milliseconds on the
// monotonic clock. Whether it takes connections at all is the upstream's own to know.

/** What is said of an address where it is named. */
export interface Terms {
  readonly weight: number
  /** So many failures within the time below, and it is left out for as long; 0: never. */
  readonly maxFails: number
  /** Milliseconds. */
  readonly failTimeout: number
  /** Only when none of the others can be had. */
  readonly backup: boolean
  /** Connections at once, at most; 0: not said. */
  readonly maxConns: number
}

export const USUAL_TERMS: Terms = { weight: 1, maxFails: 1, failTimeout: 10_000, backup: false, maxConns: 0 }

export class Standing {
  readonly terms: Terms
  /** The smooth weighted round robin's own: whoever has most is next. */
  currentWeight = 0
  /** The weight, less while it fails. */
  effectiveWeight: number
  #fails = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #checkedAt = Number.NEGATIVE_INFINITY

  constructor(terms: Terms = USUAL_TERMS) {
    this.terms = terms
    this.effectiveWeight = terms.weight
  }

  /** It has failed too often, and its time is not over: once it is, one request finds out. */
  isOut(at: number): boolean {
    const { maxFails, failTimeout } = this.terms
    return maxFails > 0 && this.#fails >= maxFails && at - this.#checkedAt <= failTimeout
  }

  /** Nothing is held against it. */
  get isClean(): boolean {
    return this.#fails === 0
  }

  /** It is given a request: whoever finds out, finds out alone. */
  chosen(at: number): void {
    if (at - this.#checkedAt > this.terms.failTimeout) this.#checkedAt = at
  }

  /** A request failed with it. */
  failed(at: number): void {
    const { weight, maxFails } = this.terms
    this.#fails++
    this.#failedAt = this.#checkedAt = at
    if (maxFails > 0) this.effectiveWeight = Math.max(0, this.effectiveWeight - Math.floor(weight / maxFails))
  }

  /** A request went well: what was counted before the last look is forgotten. */
  worked(): void {
    if (this.#failedAt < this.#checkedAt) this.#fails = 0
  }

  /** It was away and is known to be back. */
  returned(): void {
    this.#fails = 0
  }
}
