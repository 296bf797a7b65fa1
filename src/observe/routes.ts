// Which routes are slow: totals by the route's name, bounded however many there are. Owns the sums; knows no log
// and no metrics.

import { type Exchange, TIMERS, type Timers } from '../exchange.ts'

const ROUTES = 200
/** Four steps to each doubling, from 1/16 ms to 18 hours. */
const STEPS = 4
const OFFSET = 4 * STEPS
const CELLS = 30 * STEPS

/** What is known of one route. */
export interface RouteTotals {
  readonly name: string
  count: number
  total: number
  max: number
  readonly timers: Timers
  readonly cells: Uint32Array
}

export interface SlowRoute {
  readonly route: string
  readonly count: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
  readonly max_ms: number
  /** The mean of each phase, in milliseconds. */
  readonly mean: Timers
}

export class Routes {
  readonly #routes = new Map<string, RouteTotals>()

  /** All that is known, for another's `merge`. */
  get totals(): RouteTotals[] {
    return [...this.#routes.values()]
  }

  /** Adds what others know. */
  merge(totals: readonly RouteTotals[]): void {
    for (const more of totals) {
      const route = this.#routes.get(more.name) ?? this.#begin(more.name)
      route.count += more.count
      route.total += more.total
      route.max = Math.max(route.max, more.max)
      for (const phase of TIMERS) route.timers[phase] += more.timers[phase]
      for (let i = 0; i < CELLS; i++) route.cells[i]! += more.cells[i]!
    }
  }

  add(x: Exchange): void {
    const route = this.#routes.get(x.route) ?? this.#begin(x.route)
    const total = x.age()
    route.count++
    route.total += total
    if (total > route.max) route.max = total
    const sums = route.timers
    const timers = x.timers
    sums.receive += timers.receive
    sums.queue += timers.queue
    sums.hold += timers.hold
    sums.connect += timers.connect
    sums.wait += timers.wait
    sums.respond += timers.respond
    sums.deliver += timers.deliver
    route.cells[cellOf(total)]!++
  }

  /** The slowest by their 95th percentile. Percentiles are right within a fifth. */
  slowest(limit: number): SlowRoute[] {
    return [...this.#routes.values()]
      .map(route => ({
        route: route.name,
        count: route.count,
        p50_ms: quantile(route, 0.5),
        p95_ms: quantile(route, 0.95),
        p99_ms: quantile(route, 0.99),
        max_ms: tenth(route.max),
        mean: meanOf(route),
      }))
      .sort((a, b) => b.p95_ms - a.p95_ms)
      .slice(0, limit)
  }

  #begin(name: string): RouteTotals {
    if (this.#routes.size >= ROUTES) this.#dropLeast()
    const route: RouteTotals = {
      name,
      count: 0,
      total: 0,
      max: 0,
      timers: { receive: 0, queue: 0, hold: 0, connect: 0, wait: 0, respond: 0, deliver: 0 },
      cells: new Uint32Array(CELLS),
    }
    this.#routes.set(name, route)
    return route
  }

  /** The route that took the least time in all makes room: what a scanner leaves behind goes first. */
  #dropLeast(): void {
    let least: RouteTotals | null = null
    for (const route of this.#routes.values()) if (least === null || route.total < least.total) least = route
    if (least !== null) this.#routes.delete(least.name)
  }
}

function cellOf(ms: number): number {
  const cell = ms <= 0 ? 0 : Math.floor(Math.log2(ms) * STEPS) + OFFSET
  return cell < 0 ? 0 : cell >= CELLS ? CELLS - 1 : cell
}

/** The upper edge of the cell in which the quantile lies, and never more than the largest seen. */
function quantile(route: RouteTotals, q: number): number {
  let left = Math.ceil(route.count * q)
  for (let cell = 0; cell < CELLS; cell++) {
    left -= route.cells[cell]!
    if (left <= 0) return tenth(Math.min(route.max, 2 ** ((cell + 1 - OFFSET) / STEPS)))
  }
  return tenth(route.max)
}

function meanOf(route: RouteTotals): Timers {
  const mean = { ...route.timers }
  for (const phase of TIMERS) mean[phase] = tenth(mean[phase] / route.count)
  return mean
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10
}
