// What several observers counted, as one: each data plane's thread counts for itself, and whoever looks sees the sum.
// Adds only; it asks nobody.

import type { ThreadUse } from './process.ts'
import { Routes, type RouteTotals } from './routes.ts'
import type { InflightRow } from './sources.ts'
import { type Histogram, Tally } from './tally.ts'

/** What one observer has counted so far. Survives a structured clone. */
export interface Snapshot {
  readonly tally: Tally
  readonly routes: readonly RouteTotals[]
  /** The oldest first, as many as are shown. */
  readonly inflight: readonly InflightRow[]
  /** All that are under way. */
  readonly inflightTotal: number
  readonly thread: ThreadUse
}

/** The sum; with one alone, that one itself. */
export function sumOf(tallies: readonly Tally[]): Tally {
  if (tallies.length === 1) return tallies[0]!
  const sum = new Tally()
  for (const tally of tallies) {
    addCells(sum.requests, tally.requests)
    for (const phase of Object.keys(sum.durations) as (keyof Tally['durations'])[]) {
      addHistogram(sum.durations[phase], tally.durations[phase])
    }
    addHistogram(sum.queueWait, tally.queueWait)
    addCounts(sum.shed, tally.shed)
    addCounts(sum.lost, tally.lost)
    addCounts(sum.cached, tally.cached)
    addCounts(sum.busyMs, tally.busyMs)
    for (const [upstream, row] of tally.connects) {
      const before = sum.connects.get(upstream)
      if (before === undefined) sum.connects.set(upstream, { ...row })
      else for (const result of Object.keys(row) as (keyof typeof row)[]) before[result] += row[result]
    }
  }
  return sum
}

/** The requests under way everywhere, the oldest first. */
export function oldestOf(
  own: readonly InflightRow[],
  others: readonly Snapshot[],
  limit: number,
): readonly InflightRow[] {
  if (others.length === 0) return own
  const all = [own, ...others.map(({ inflight }) => inflight)].flat()
  return all.sort((a, b) => b.age_ms - a.age_ms).slice(0, limit)
}

/** The routes of all; with one alone, its own. */
export function routesOf(own: Routes, others: readonly Snapshot[]): Routes {
  if (others.length === 0) return own
  const routes = new Routes()
  routes.merge(own.totals)
  for (const other of others) routes.merge(other.routes)
  return routes
}

function addCells(sum: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!
}

function addHistogram(sum: Histogram, more: Histogram): void {
  addCells(sum.cells, more.cells)
  sum.sumMs += more.sumMs
  sum.count += more.count
}

function addCounts<Key>(sum: Map<Key, number>, more: ReadonlyMap<Key, number>): void {
  for (const [key, value] of more) sum.set(key, (sum.get(key) ?? 0) + value)
}
