// Which routes are slow: totals by the route's name, bounded however many there are. Owns the sums; knows no log
// and no metrics.

import type { Exchange } from '../exchange.ts'
import { TIMERS, type Timers } from '../phases.ts'

const ROUTES = 200
/** Four steps to each doubling, from 1/16 ms to 18 hours. */
const STEPS = 4
const OFFSET = 4 * STEPS
const CELLS = 30 * STEPS
/** One histogram for the whole, and one for each phase after it. */
const HISTOGRAMS = 1 + TIMERS.length

/** What is known of one route. */
export interface RouteTotals {
  readonly name: string
  count: number
  total: number
  max: number
  readonly timers: Timers
  /** Histogram by histogram; a phase that a request never came to is in no cell. */
  readonly cells: Uint32Array
}

export interface Percentiles {
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
}

export interface SlowRoute extends Percentiles {
  readonly route: string
  readonly count: number
  readonly max_ms: number
  /** The mean of each phase, in milliseconds. */
  readonly mean: Timers
  /** By phase, over all requests of the route: one that never came to a phase counts as none of it. */
  readonly phases: Readonly<Record<keyof Timers, Percentiles>>
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
      for (let i = 0; i < route.cells.length; i++) route.cells[i]! += more.cells[i]!
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
    const { cells } = route
    cells[cellOf(total)]!++
    // In the order of TIMERS; written out, as V8 would look each name up anew.
    if (timers.receive > 0) cells[CELLS + cellOf(timers.receive)]!++
    if (timers.queue > 0) cells[2 * CELLS + cellOf(timers.queue)]!++
    if (timers.hold > 0) cells[3 * CELLS + cellOf(timers.hold)]!++
    if (timers.connect > 0) cells[4 * CELLS + cellOf(timers.connect)]!++
    if (timers.wait > 0) cells[5 * CELLS + cellOf(timers.wait)]!++
    if (timers.respond > 0) cells[6 * CELLS + cellOf(timers.respond)]!++
    if (timers.deliver > 0) cells[7 * CELLS + cellOf(timers.deliver)]!++
  }

  /** The slowest by their 95th percentile. Percentiles are right within a fifth. */
  slowest(limit: number): SlowRoute[] {
    return [...this.#routes.values()]
      .map(route => ({
        route: route.name,
        count: route.count,
        ...percentilesOf(route, 0),
        max_ms: tenth(route.max),
        mean: meanOf(route),
        phases: phasesOf(route),
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
      cells: new Uint32Array(CELLS * HISTOGRAMS),
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

function percentilesOf(route: RouteTotals, histogram: number): Percentiles {
  const cells = route.cells.subarray(histogram * CELLS, (histogram + 1) * CELLS)
  let counted = 0
  for (const count of cells) counted += count
  const none = route.count - counted
  const at = (q: number) => quantile(cells, Math.ceil(route.count * q) - none, route.max)
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) }
}

/** The upper edge of the cell that the request of this rank lies in, and never more than the largest seen. */
function quantile(cells: Uint32Array, rank: number, max: number): number {
  if (rank <= 0) return 0
  let left = rank
  for (let cell = 0; cell < CELLS; cell++) {
    left -= cells[cell]!
    if (left <= 0) return tenth(Math.min(max, 2 ** ((cell + 1 - OFFSET) / STEPS)))
  }
  return tenth(max)
}

function phasesOf(route: RouteTotals): Record<keyof Timers, Percentiles> {
  const rows = TIMERS.map((timer, i) => [timer, percentilesOf(route, i + 1)])
  return Object.fromEntries(rows) as Record<keyof Timers, Percentiles>
}

function meanOf(route: RouteTotals): Timers {
  const mean = { ...route.timers }
  for (const phase of TIMERS) mean[phase] = tenth(mean[phase] / route.count)
  return mean
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10
}
