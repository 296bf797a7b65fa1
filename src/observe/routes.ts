// Which routes are slow: totals by method and folded path, bounded however many paths clients invent. Owns
// the folding and the sums; knows no log and no metrics.

import { type Exchange, TIMERS, type Timers } from '../exchange.ts'
import { clip } from './quote.ts'

const ROUTES = 200
const REMEMBERED = 2000
const SEGMENTS = 8
/** Four steps to each doubling, from 1/16 ms to 18 hours. */
const STEPS = 4
const OFFSET = 4 * STEPS
const CELLS = 30 * STEPS

const number = /^\d+$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const hex = /^(?=.*\d)[0-9a-f]{8,}$/i
/** Long, with digits: a token, a hash in another alphabet, a signature. */
const token = /^(?=.*\d)[\w~=-]{20,}$/

/** `/users/17/files/3f…` to `/users/:n/files/:hex`; deeper than eight segments is cut. */
export function fold(path: string): string {
  const segments = clip(path, 512).split('/', SEGMENTS + 2)
  const cut = segments.length > SEGMENTS + 1
  const folded = segments.slice(0, SEGMENTS + 1).map(segment => {
    if (number.test(segment)) return ':n'
    if (uuid.test(segment)) return ':uuid'
    if (hex.test(segment)) return ':hex'
    return token.test(segment) ? ':token' : clip(segment, 64)
  })
  return folded.join('/') + (cut ? '/…' : '')
}

interface Route {
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
  readonly max_ms: number
  /** The mean of each phase, in milliseconds. */
  readonly mean: Timers
}

export class Routes {
  readonly #routes = new Map<string, Route>()
  /** Path to route, by method, so that folding is paid once for a path that comes again. */
  #known = new Map<string, Map<string, Route>>()
  #knownSize = 0

  add(x: Exchange, method: string): void {
    const path = x.path
    const route = this.#known.get(method)?.get(path) ?? this.#find(method, path)
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
        max_ms: tenth(route.max),
        mean: meanOf(route),
      }))
      .sort((a, b) => b.p95_ms - a.p95_ms)
      .slice(0, limit)
  }

  #find(method: string, path: string): Route {
    const name = `${method} ${fold(path)}`
    let route = this.#routes.get(name)
    if (route === undefined) {
      if (this.#routes.size >= ROUTES) this.#dropLeast()
      route = {
        name,
        count: 0,
        total: 0,
        max: 0,
        timers: { receive: 0, queue: 0, hold: 0, connect: 0, wait: 0, respond: 0, deliver: 0 },
        cells: new Uint32Array(CELLS),
      }
      this.#routes.set(name, route)
    }
    // A long path would make the memory of paths a large one; it is folded each time.
    if (path.length <= 256) this.#remember(method, path, route)
    return route
  }

  #remember(method: string, path: string, route: Route): void {
    if (this.#knownSize >= REMEMBERED) this.#forget()
    let paths = this.#known.get(method)
    if (paths === undefined) this.#known.set(method, (paths = new Map()))
    // A copy: the path is a piece of the request's whole head, which it would keep alive.
    paths.set(Buffer.from(path).toString(), route)
    this.#knownSize++
  }

  #forget(): void {
    this.#known = new Map()
    this.#knownSize = 0
  }

  /** The route that took the least time in all makes room: what a scanner leaves behind goes first. */
  #dropLeast(): void {
    let least: Route | null = null
    for (const route of this.#routes.values()) if (least === null || route.total < least.total) least = route
    if (least === null) return
    this.#routes.delete(least.name)
    // Paths may still point to it.
    this.#forget()
  }
}

function cellOf(ms: number): number {
  const cell = ms <= 0 ? 0 : Math.floor(Math.log2(ms) * STEPS) + OFFSET
  return cell < 0 ? 0 : cell >= CELLS ? CELLS - 1 : cell
}

/** The upper edge of the cell in which the quantile lies, and never more than the largest seen. */
function quantile(route: Route, q: number): number {
  let left = Math.ceil(route.count * q)
  for (let cell = 0; cell < CELLS; cell++) {
    left -= route.cells[cell]!
    if (left <= 0) return tenth(Math.min(route.max, 2 ** ((cell + 1 - OFFSET) / STEPS)))
  }
  return tenth(route.max)
}

function meanOf(route: Route): Timers {
  const mean = { ...route.timers }
  for (const phase of TIMERS) mean[phase] = tenth(mean[phase] / route.count)
  return mean
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10
}
