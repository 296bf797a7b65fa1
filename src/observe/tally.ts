// What is counted while requests pass: plain arrays and sums, so that a request costs a few additions. The
// names and forms in which they are published are in metrics.ts. Labels come from closed sets, never from a request.

import type { Who } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { Timers } from '../phases.ts'
import { METHODS } from '../route-names.ts'
import {
  CAUSES,
  type Cause,
  CONNECT_RESULTS,
  type ConnectResult,
  SHED_REASONS,
  type ShedReason,
} from './sources.ts'

export const STATUS_CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const
const whos: readonly Who[] = ['client', 'upstream', 'timeout', 'proxy']
const wherePhases = ['receiving', 'queued', 'connecting', 'waiting', 'responding', 'delivering'] as const
/** Every outcome there can be: `ok`, and who with which phase. */
export const OUTCOMES: readonly string[] = [
  'ok',
  ...whos.flatMap(who => wherePhases.map(phase => `${who}:${phase}`)),
]
/** What a cache can have for a request, as the log names it. */
export const CACHE_ANSWERS = ['HIT', 'MISS', 'EXPIRED', 'STALE', 'UPDATING', 'REVALIDATED', 'BYPASS'] as const
const OTHER = METHODS.length - 1
const methodIndex = new Map<string, number>(METHODS.map((method, i) => [method, i]))
const outcomeIndex = new Map<string, number>(OUTCOMES.map((outcome, i) => [outcome, i]))
/** Upstreams follow DNS and may change for ever; beyond this many they are counted as one. */
const UPSTREAMS = 256

/** Upper edges in seconds; from a millisecond to the longest that edges wait. */
export const BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
]
const edges = Float64Array.from(BUCKETS, seconds => seconds * 1000)

/** A histogram with fixed edges; the last cell is beyond them all. */
export class Histogram {
  readonly cells = new Float64Array(BUCKETS.length + 1)
  sumMs = 0
  count = 0

  observe(ms: number): void {
    let i = 0
    while (i < edges.length && ms > edges[i]!) i++
    this.cells[i]!++
    this.sumMs += ms
    this.count++
  }
}

export class Tally {
  /** By method, status class and outcome, in this order of significance. */
  readonly requests = new Float64Array(METHODS.length * STATUS_CLASSES.length * OUTCOMES.length)
  readonly durations: Readonly<Record<keyof Timers | 'total', Histogram>> = {
    receive: new Histogram(),
    queue: new Histogram(),
    hold: new Histogram(),
    connect: new Histogram(),
    wait: new Histogram(),
    respond: new Histogram(),
    deliver: new Histogram(),
    total: new Histogram(),
  }
  readonly queueWait = new Histogram()
  readonly shed = new Map<ShedReason, number>(SHED_REASONS.map(reason => [reason, 0]))
  readonly lost = new Map<Cause, number>(CAUSES.map(cause => [cause, 0]))
  /** Requests that a cache was asked for, by what it had. */
  readonly cached = new Map<string, number>(CACHE_ANSWERS.map(answer => [answer, 0]))
  readonly busyMs = new Map<string, number>()
  readonly connects = new Map<string, Record<ConnectResult, number>>()

  finished(x: Exchange, outcome: string): void {
    const status = x.status >= 100 && x.status < 600 ? (x.status / 100) | 0 : 0
    const method = methodIndex.get(x.method) ?? OTHER
    const ended = outcomeIndex.get(outcome) ?? 0
    this.requests[(method * STATUS_CLASSES.length + status) * OUTCOMES.length + ended]!++
    const t = x.timers
    const d = this.durations
    // A phase that a request never came to is no observation of zero.
    if (t.receive > 0) d.receive.observe(t.receive)
    if (t.queue > 0) d.queue.observe(t.queue)
    if (t.hold > 0) d.hold.observe(t.hold)
    if (t.connect > 0) d.connect.observe(t.connect)
    if (t.wait > 0) d.wait.observe(t.wait)
    if (t.respond > 0) d.respond.observe(t.respond)
    if (t.deliver > 0) d.deliver.observe(t.deliver)
    d.total.observe(x.age())
    if (x.cache !== '') this.cached.set(x.cache, (this.cached.get(x.cache) ?? 0) + 1)
    // All that were let in to wait for a worker, also those that found one at once.
    const waited = t.queue + t.hold
    if (x.attempts > 0 || waited > 0) this.queueWait.observe(waited)
  }

  busy(upstream: string, ms: number): void {
    const name = this.busyMs.has(upstream) || this.busyMs.size < UPSTREAMS ? upstream : 'other'
    this.busyMs.set(name, (this.busyMs.get(name) ?? 0) + ms)
  }

  connected(upstream: string, result: ConnectResult): void {
    let row = this.connects.get(upstream)
    if (row === undefined) {
      const name = this.connects.size < UPSTREAMS ? upstream : 'other'
      row = this.connects.get(name)
      if (row === undefined) {
        row = Object.fromEntries(CONNECT_RESULTS.map(word => [word, 0])) as Record<ConnectResult, number>
        this.connects.set(name, row)
      }
    }
    row[result]++
  }
}
