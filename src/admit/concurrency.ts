// How many requests were certainly at work at the same moment, told from when each was given to the upstream and when
// it ended. Pure: it knows no sockets, and time is an argument.
//
// The proof needs two things of the upstream and none of the app: a worker does one request at a time, and whoever
// came first is begun first. A request was at work for at least the least time that its route has ever taken, so it
// was at work that long before its end; and so were all at that moment that came before it and had not ended. Where the
// time varies, requests overtake one another, and each overtaking is such a proof; where it does not, the least time
// is all of it, and the proof is exact. It can be too low, never too high, as long as the least time is true.

/** A finished request tells something for so many later ends; more are not in flight while a number is looked for. */
const RECENT = 256
/** Routes come from a bounded set (`route-names.ts`); this is the bound of what is kept here. */
const ROUTES = 2_048
/**
 * Of the least time, so much is work: the rest is the way there and back, in which a worker may have the next one
 * (measured with gunicorn's threads: 23.3 ms for the first of an idle thread, 20.2 ms from one to the next).
 */
const AT_WORK = 0.8

/** What undisturbed requests of a route took. A few that agree tell the least time; of those that vary it takes more. */
const AGREE = 3
const AGREE_WITHIN = 1.3
const VARY = 16

interface Times {
  least: number
  most: number
  count: number
}

/** @param among how many were in flight when it was granted, itself included */
export type Took = (route: string, ms: number, among: number) => void

interface Held {
  /** 0: the lane is free. */
  order: number
  at: number
  route: string
  /** How many were in flight when it was granted, itself included. */
  among: number
}

export class Concurrency {
  inFlight = 0
  /** Requests that ended in company so small that nobody had to wait, since `forget`. */
  calm = 0
  readonly #lanes: Held[] = []
  readonly #endedOrder = new Float64Array(RECENT)
  readonly #endedAt = new Float64Array(RECENT)
  #ends = 0
  #grants = 0
  readonly #times = new Map<string, Times>()
  readonly #took: Took | null

  /** @param took hears of each whole answer */
  constructor(took: Took | null = null) {
    this.#took = took
  }

  /** Tells of each that is in flight how long it has been, and among how many it came. */
  tellOpen(at: number, tell: Took): void {
    for (const held of this.#lanes) if (held.order !== 0) tell(held.route, at - held.at, held.among)
  }

  /** When the one was granted that has been in flight for longest; now, when there is none. */
  oldestAt(at: number): number {
    let oldest = at
    for (const held of this.#lanes) if (held.order !== 0 && held.at < oldest) oldest = held.at
    return oldest
  }

  /** A request is given to the upstream. `lane` names it until it ends. */
  granted(lane: number, route: string, at: number): void {
    if (lane < 0) return
    while (this.#lanes.length <= lane) this.#lanes.push({ order: 0, at: 0, route: '', among: 0 })
    const held = this.#lanes[lane]!
    if (held.order === 0) this.inFlight++
    held.order = ++this.#grants
    held.at = at
    held.route = route
    held.among = this.inFlight
  }

  /**
   * Its worker has hung up. Returns how many were certainly at work at once, itself included; 0 when it tells nothing.
   * @param answered whether the worker gave a whole answer
   * @param doubt milliseconds by which what is told may be late
   * @param known so many are known to be at work at once: in their company nobody had to wait for a worker
   */
  ended(lane: number, answered: boolean, known: number, at: number, doubt = 0): number {
    const held = this.#lanes[lane]
    if (held === undefined || held.order === 0) return 0
    const { order, among, route } = held
    const took = at - held.at
    let proof = 0
    if (answered) {
      const least = Math.max(0, leastOf(this.#times.get(route)) * AT_WORK - 2 * doubt)
      proof = this.#atWork(order, held.at, at - Math.min(took, least))
      this.#took?.(route, took, among)
      if (among <= known) this.#learn(route, took)
      else this.#compare(route, took)
    }
    held.order = 0
    this.inFlight--
    const index = this.#ends++ % RECENT
    this.#endedOrder[index] = order
    this.#endedAt[index] = at
    return proof
  }

  /** What was learnt of times holds no longer. */
  forget(): void {
    this.#times.clear()
    this.calm = 0
  }

  /** How many that were granted no later than `order` had not ended at `moment`. */
  #atWork(order: number, grantedAt: number, moment: number): number {
    let count = 0
    for (const held of this.#lanes) if (held.order !== 0 && held.order <= order) count++
    const oldest = Math.max(0, this.#ends - RECENT)
    for (let i = this.#ends - 1; i >= oldest; i--) {
      const endedAt = this.#endedAt[i % RECENT]!
      if (endedAt <= moment || endedAt <= grantedAt) break
      if (this.#endedOrder[i % RECENT]! < order) count++
    }
    return count
  }

  #learn(route: string, took: number): void {
    this.calm++
    const times = this.#times.get(route)
    if (times === undefined) {
      if (this.#times.size >= ROUTES) this.#times.clear()
      this.#times.set(route, { least: took, most: took, count: 1 })
      return
    }
    times.count++
    if (took > times.most) times.most = took
    if (took < times.least) times.least = took
  }

  // It may have waited for a worker. What was quicker all the same is a new least; what was as quick did not wait.
  #compare(route: string, took: number): void {
    const times = this.#times.get(route)
    if (times === undefined) return
    if (took <= times.least * AGREE_WITHIN) times.count++
    if (took < times.least) times.least = took
  }
}

/** The least time that a request of a route takes; 0 as long as it is not known. */
function leastOf(times: Times | undefined): number {
  if (times === undefined) return 0
  const agree = times.count >= AGREE && times.most <= times.least * AGREE_WITHIN
  return agree || times.count >= VARY ? times.least : 0
}
