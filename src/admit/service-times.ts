// How long a worker usually takes, by route: a fading mean and deviation, and whether clients of the route stay until its
// answer when it is started at once. Owns the estimates; decides nothing. Pure, and bounded.

const ROUTES = 500
/** A new observation's share in the estimate, once there are enough of them. */
const SHARE = 0.05
/** What is known of a client's staying is forgotten with this half-life, so that such a route gets another chance. */
const FORGET_MS = 10_000

export interface Usual {
  /** Milliseconds from the slot to the end of the answer: half take less. What takes very long now and then is not usual. */
  median: number
  mean: number
  /** The mean distance from the median. */
  deviation: number
  /** Of those that were started without a wait worth mentioning, the share whose client stayed for the answer. */
  stays: number
  /** When `stays` was last changed. */
  stayedAt: number
  /** Time that the route took in all; what took least makes room. */
  total: number
  count: number
}

export class ServiceTimes {
  readonly #routes = new Map<string, Usual>()
  /** All routes as one: what is assumed of a route that is not known. */
  readonly overall: Usual = unknown()

  /** What is usual for this route; of a new one, what is usual for all. */
  of(route: string): Usual {
    return this.#routes.get(route) ?? this.overall
  }

  /** A worker was done with a request of this route. */
  took(route: string, ms: number): void {
    learn(this.overall, ms)
    learn(this.#known(route), ms)
  }

  /** A request that was started at once has ended: its client had the answer, or had left before. */
  stayed(route: string, stayed: boolean, at: number): void {
    // Everybody stays: nothing to note.
    if (stayed && !this.#routes.has(route)) return
    const usual = this.#known(route)
    usual.stays = this.staying(usual, at) * (1 - SHARE * 2) + (stayed ? SHARE * 2 : 0)
    usual.stayedAt = at
  }

  /** The share of clients that stay for this route's answer, as far as that is not forgotten. */
  staying(usual: Usual, at: number): number {
    return 1 - (1 - usual.stays) * 2 ** ((usual.stayedAt - at) / FORGET_MS)
  }

  #known(route: string): Usual {
    let usual = this.#routes.get(route)
    if (usual === undefined) {
      if (this.#routes.size >= ROUTES) this.#dropLeast()
      usual = unknown()
      this.#routes.set(route, usual)
    }
    return usual
  }

  #dropLeast(): void {
    let least = ''
    let total = Number.POSITIVE_INFINITY
    for (const [route, usual] of this.#routes) {
      if (usual.total < total) {
        least = route
        total = usual.total
      }
    }
    this.#routes.delete(least)
  }
}

function unknown(): Usual {
  return { median: 0, mean: 0, deviation: 0, stays: 1, stayedAt: 0, total: 0, count: 0 }
}

function learn(usual: Usual, ms: number): void {
  usual.count++
  usual.total += ms
  const share = Math.max(SHARE, 1 / usual.count)
  if (usual.count === 1) usual.median = ms
  const off = ms - usual.median
  usual.mean += share * (ms - usual.mean)
  usual.deviation += share * (Math.abs(off) - usual.deviation)
  // A step towards the newcomer, of a size that goes with the spread: it rests where as many pull up as down.
  usual.median += Math.sign(off) * Math.min(Math.abs(off), 2 * share * usual.deviation)
}
