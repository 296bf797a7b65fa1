// How many of the requests that are with an upstream are at work there, told from how many end in a second and how long
// each takes when hardly any other is there: at work are, on average, so many as end in the time that one takes (Little 1961). That is what
// overtaking (`concurrency.ts`) cannot tell of several processes which each begin their own requests in order. Pure; what
// follows is `slot-finder.ts`'s to say.
//
// Invariants: what it does not know for sure it gives as a range; bounded memory.

/** Routes come from a bounded set (`route-names.ts`); this is the bound of what is kept here. */
const ROUTES = 2_048
/** In the company of so few nobody waits: where there is more than one process, each has threads. */
export const FEW = 2
/** So many that had no more company tell what requests take, or fewer where they take long; of each route as well. */
const ENOUGH = 32
const SOME = 8
const ENOUGH_OF_ROUTE = 4
/** So many standard errors to either side may be chance. */
const ERRORS = 2
/** How long the house must have been full for the rate to be known: the last so many milliseconds count. */
const FULL_MS = 1_000
const FADES_MS = 5_000
/** Requests that are there for so long cannot be waited for. */
const LONG_MS = 2_000

/** Of the full house so many are remembered one by one, the last; and so many must be known to say that they waited. */
const REMEMBERED = 128
const TO_JUDGE = 16
/** Whoever waited took so many times what is usual without company; and so large a share must have. */
const LONGER = 1.25
const MOSTLY = 0.6

interface Took {
  readonly route: string
  readonly ms: number
}

interface Route {
  /** Ends while the house was full, and the time that they took in all; both fade. */
  ends: number
  took: number
  /** Alone: count, mean, and the sum of squared distances from it (Welford 1962). */
  count: number
  mean: number
  squares: number
  /** Time of those that have not ended yet: what ends first is short. */
  open: number
}

export interface AtWork {
  readonly least: number
  readonly most: number
}

export class Crowding {
  readonly #routes = new Map<string, Route>()
  #limit = 0
  /** For so long the house was full, fading as the ends do. */
  #full = 0
  #at = 0
  #wasFull = false
  #alone = 0
  readonly #lastFull: Took[] = []
  #last = 0
  readonly #lastAlone: Took[] = []

  /** To be called ten times a second. @param full as many are with the upstream as are let go */
  tick(full: boolean, limit: number, at: number): void {
    const passed = at - this.#at
    this.#at = at
    if (limit !== this.#limit) {
      this.#limit = limit
      this.#full = 0
      this.#lastFull.length = this.#last = 0
      for (const route of this.#routes.values()) route.ends = route.took = 0
    } else if (full && this.#wasFull) {
      const share = Math.exp(-passed / FADES_MS)
      this.#full = this.#full * share + passed
      for (const route of this.#routes.values()) {
        route.ends *= share
        route.took *= share
      }
    }
    this.#wasFull = full
  }

  /** One has been answered. @param among so many were with the upstream when it came, itself included */
  took(name: string, ms: number, among: number): void {
    const route = this.#of(name)
    if (among <= FEW) {
      this.#learn(route, ms)
      if (this.#lastAlone.length < ENOUGH) this.#lastAlone.push({ route: name, ms })
    } else if (this.#wasFull) {
      this.#lastFull[this.#last++ % REMEMBERED] = { route: name, ms }
      route.ends++
      route.took += ms
    }
  }

  /** Whether the rate of a full house is known, so that it is worth looking what requests take alone. */
  isFull(oldestMs: number): boolean {
    return this.#full >= FULL_MS && oldestMs < LONG_MS
  }

  /** What requests take alone is learnt anew from here. */
  begin(): void {
    this.#alone = this.#lastAlone.length = 0
    for (const route of this.#routes.values()) route.count = route.mean = route.squares = route.open = 0
  }

  get hasBegun(): boolean {
    return this.#alone > 0
  }

  /**
   * Whether enough have been seen in small company.
   * @param number fewer are enough to say that so many are at work; to say that they are not, one that takes long may yet come
   */
  isEnough(number: number): boolean {
    if (this.#alone >= ENOUGH) return true
    const atWork = this.#alone < SOME ? null : this.atWork
    return atWork !== null && atWork.least > number
  }

  /** One has been there for so long without company, and has not ended. */
  isOpen(route: string, ms: number): void {
    this.#of(route).open += ms
  }

  /** How many were at work in the full house, at least and at most; null while its rate is not known. */
  get atWork(): AtWork | null {
    if (this.#full < FULL_MS) return null
    let [least, most] = [0, 0]
    for (const { ends, took, count, mean: ended, squares, open } of this.#routes.values()) {
      // What was not seen alone may have been at work for all of its time, or for nothing of it.
      const known = count >= ENOUGH_OF_ROUTE
      const mean = ended + open / Math.max(1, count)
      const error = known ? ERRORS * Math.sqrt((squares + open ** 2) / (count - 1) / count) : 0
      least += known ? Math.min(took, ends * Math.max(0, mean - error)) : 0
      most += known ? Math.min(took, ends * (mean + error)) : took
    }
    return { least: least / this.#full, most: most / this.#full }
  }

  /**
   * Whether most requests of the full house took longer than is usual without company. Where each has a worker, they do not,
   * however long one in ten takes: what a few dozen take on average can be far off then. Null: too few are known.
   */
  get waited(): boolean | null {
    const usual = new Map<string, number[]>()
    for (const { route, ms } of this.#lastAlone) usual.set(route, [...(usual.get(route) ?? []), ms])
    for (const times of usual.values()) times.sort((a, b) => a - b)
    const judged = this.#lastFull.filter(({ route }) => (usual.get(route)?.length ?? 0) >= ENOUGH_OF_ROUTE)
    const waited = judged.filter(({ route, ms }) => {
      const times = usual.get(route)!
      return ms > LONGER * times[times.length >> 1]!
    })
    return judged.length < TO_JUDGE ? null : waited.length >= MOSTLY * judged.length
  }

  forget(): void {
    this.#lastFull.length = this.#lastAlone.length = this.#last = 0
    this.#routes.clear()
    this.#full = this.#alone = this.#limit = 0
    this.#wasFull = false
  }

  #learn(route: Route, ms: number): void {
    this.#alone++
    route.count++
    const off = ms - route.mean
    route.mean += off / route.count
    route.squares += off * (ms - route.mean)
  }

  #of(name: string): Route {
    let route = this.#routes.get(name)
    if (route === undefined) {
      if (this.#routes.size >= ROUTES) this.#routes.clear()
      route = { ends: 0, took: 0, count: 0, mean: 0, squares: 0, open: 0 }
      this.#routes.set(name, route)
    }
    return route
  }
}
