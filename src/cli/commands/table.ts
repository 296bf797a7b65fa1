// The status as lines of text: a head of a few lines, and the requests under way as a table that fits the terminal.
// Pure. What comes from clients is bounded, and made harmless for a terminal.

import { shown } from '../../observe/quote.ts'
import type { RequestView, StatusView } from './status-view.ts'

export type SortKey = 'age' | 'slot' | 'worker' | 'bytes' | 'phase' | 'url'

export interface Order {
  readonly by: SortKey
  /** From the least to the most. */
  readonly ascending: boolean
}

/** What makes a request stand before another, by key; text sorts as text. */
const RANK: Readonly<Record<SortKey, (x: RequestView) => number | string>> = {
  age: x => x.age_ms ?? 0,
  slot: x => x.slot ?? Number.POSITIVE_INFINITY,
  worker: x => x.worker_ms ?? 0,
  bytes: x => (x.bytes_in ?? 0) + (x.bytes_out ?? 0),
  phase: x => x.phase ?? '',
  url: x => x.url ?? '',
}

interface Column {
  readonly title: string
  readonly width: number
  readonly right?: true
  readonly text: (x: RequestView) => string
}

/** All but the URL, which gets what is left. Fewer on narrow terminals: the later ones go first. */
const BEFORE: readonly Column[] = [
  {
    title: 'SLOT',
    width: 4,
    right: true,
    text: x => (x.slot === null || x.slot === undefined ? '·' : String(x.slot)),
  },
  {
    title: 'PID',
    width: 7,
    right: true,
    text: x => (x.pid === null || x.pid === undefined ? '·' : String(x.pid)),
  },
  { title: 'AGE', width: 6, right: true, text: x => duration(x.age_ms ?? 0) },
  { title: 'WORKER', width: 6, right: true, text: x => (x.worker_ms ? duration(x.worker_ms) : '·') },
  { title: 'PHASE', width: 10, text: x => x.phase ?? '' },
  { title: 'METHOD', width: 7, text: x => x.method ?? '' },
]
const AFTER: readonly Column[] = [
  { title: 'CLIENT', width: 15, text: x => x.client ?? '' },
  { title: 'THERE', width: 5, text: x => (x.client_present === false ? 'gone' : 'yes') },
  { title: 'IN', width: 6, right: true, text: x => bytes(x.bytes_in ?? 0) },
  { title: 'OUT', width: 6, right: true, text: x => bytes(x.bytes_out ?? 0) },
  { title: 'RAY', width: 20, text: x => x.ray ?? '' },
]
const LEAST_URL = 20

/** The lines above the table. */
export function headLines(status: StatusView): string[] {
  const { queue, connections, spools } = status
  const state = status.ready === false ? `not ready: ${shown(status.reason ?? '', 120)}` : 'ready'
  const lines = [
    `shieldproxy ${shown(status.version ?? '', 30)}, up ${duration((status.uptime_s ?? 0) * 1000)}, ${state}`,
  ]
  for (const upstream of status.upstreams) {
    const { busy = 0, slots } = upstream
    const workers =
      typeof slots === 'number' ? `${busy} of ${slots} workers busy` : `${busy} workers busy, no limit`
    const down =
      upstream.state === 'down' ? `DOWN for ${duration(upstream.down_ms ?? 0)}` : (upstream.state ?? '')
    lines.push(
      `${shown(upstream.name ?? '', 60)}: ${down}, ${workers} (${shown(upstream.slots_from ?? '', 100)})`,
    )
  }
  const order = queue?.order === undefined ? '' : `, ${shown(queue.order, 30).replaceAll('_', ' ')}`
  lines.push(
    `queue ${queue?.length ?? 0} of ${queue?.limit ?? 0}, the first waits ${duration(queue?.oldest_ms ?? 0)}${order}; ` +
      `connections ${connections?.active ?? 0} active, ${connections?.idle ?? 0} idle of ${connections?.limit ?? 0}; ` +
      `spools ${spools?.open ?? 0}, ${bytes(spools?.memory ?? 0)} in memory, ${bytes(spools?.disk ?? 0)} on disk`,
  )
  return lines
}

/** The table of requests, its heading first; none longer than `width`. */
export function requestLines(requests: readonly RequestView[], order: Order, width: number): string[] {
  const after = [...AFTER]
  const taken = () => [...BEFORE, ...after].reduce((sum, column) => sum + column.width + 1, 0)
  while (after.length > 0 && width - taken() < LEAST_URL) after.pop()
  const url: Column = { title: 'URL', width: Math.max(LEAST_URL, width - taken()), text: x => x.url ?? '' }
  const columns = [...BEFORE, url, ...after]
  const rank = RANK[order.by]
  const sorted = [...requests].sort((a, b) => {
    const [x, y] = order.ascending ? [rank(a), rank(b)] : [rank(b), rank(a)]
    return x < y ? -1 : x > y ? 1 : 0
  })
  const row = (cell: (column: Column) => string) =>
    columns
      .map(column => fit(cell(column), column))
      .join(' ')
      .trimEnd()
      .slice(0, width)
  return [row(column => column.title), ...sorted.map(x => row(column => column.text(x)))]
}

/** The lines below the table: what hurt lately, and what is slow. */
export function tailLines(status: StatusView, most: number): string[] {
  const lines: string[] = []
  for (const { time, cause, method, url, age_ms, upstream } of status.incidents.slice(0, most)) {
    if (lines.length === 0) lines.push('', 'workers lost lately:')
    const what = `${shown(method ?? '', 16)} ${shown(url ?? '', 80)}`
    lines.push(
      `  ${shown(time ?? '', 24)}  ${shown(cause ?? '', 12).padEnd(9)} ${what}, ${duration(age_ms ?? 0)}, ${shown(upstream ?? '', 40)}`,
    )
  }
  const slow = status.slowest.slice(0, most)
  if (slow.length > 0) lines.push('', `slowest routes:${' '.repeat(39)}count     p50     p95     max`)
  for (const { route, count, p50_ms, p95_ms, max_ms } of slow) {
    const times = [p50_ms, p95_ms, max_ms].map(ms => duration(ms ?? 0).padStart(7))
    lines.push(`  ${shown(route ?? '', 50).padEnd(51)} ${String(count ?? 0).padStart(5)} ${times.join(' ')}`)
  }
  return lines
}

function fit(text: string, { width, right }: Column): string {
  const safe = shown(text, 4096)
  const cut = safe.length > width ? `${safe.slice(0, width - 1)}…` : safe
  return right ? cut.padStart(width) : cut.padEnd(width)
}

/** At most six characters: `3ms`, `1.25s`, `12m03s`, `3h05m`, `12d`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '?'
  if (ms < 1_000) return `${Math.round(ms)}ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(2)}s`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  if (seconds < 100 * 3_600) return `${Math.floor(seconds / 3_600)}h${two((seconds % 3_600) / 60)}m`
  return `${Math.floor(seconds / 86_400)}d`
}

/** At most six characters: `812`, `1.2k`, `34m`; in units of 1024, as sizes are given. */
export function bytes(count: number): string {
  if (!Number.isFinite(count) || count < 0) return '?'
  if (count < 1024) return String(Math.round(count))
  let value = count
  let unit = ''
  for (const next of ['k', 'm', 'g', 't']) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${unit}`
}
