// What /metrics publishes: the one list of series with their labels, read from the tally and the sources when
// somebody scrapes. prom-client owns the text format and is loaded at the first scrape. Counts nothing itself.

import type { Registry } from 'prom-client'
import { TIMERS } from '../phases.ts'
import { METHODS } from '../route-names.ts'
import { addProcessSeries, type ThreadUse } from './process.ts'
import { CONNECT_RESULTS, type Sources, type UpstreamRow } from './sources.ts'
import { BUCKETS, type Histogram, OUTCOMES, STATUS_CLASSES, type Tally } from './tally.ts'

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface Seen {
  readonly tally: Tally
  readonly sources: Sources | null
  readonly version: string
  readonly dropped: number
  readonly inflight: number
  /** Those beside the one that answers. */
  readonly threads: readonly ThreadUse[]
}

export interface Value {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Where it differs from the series' name, as in `_bucket`. */
  readonly metricName?: string
}

export interface Series {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly read: (seen: Seen) => Value[]
}

const one = (value: number): Value[] => [{ labels: {}, value }]

/** Every series of the proxy's own; `docs/` may name no other. */
export const SERIES: readonly Series[] = [
  {
    name: 'shieldproxy_requests_total',
    type: 'counter',
    help: 'Finished requests by method, class of status, and outcome.',
    labels: ['method', 'status_class', 'outcome'],
    read: ({ tally }) => requests(tally),
  },
  {
    name: 'shieldproxy_request_duration_seconds',
    type: 'histogram',
    help: 'Time that finished requests spent in each phase they came to, and in total.',
    labels: ['phase'],
    read: ({ tally }) =>
      [...TIMERS, 'total' as const].flatMap(phase =>
        histogram('shieldproxy_request_duration_seconds', tally.durations[phase], { phase }),
      ),
  },
  {
    name: 'shieldproxy_requests_in_flight',
    type: 'gauge',
    help: 'Requests under way, from their head to the end of their answer.',
    labels: [],
    read: ({ inflight }) => one(inflight),
  },
  {
    name: 'shieldproxy_queue_wait_seconds',
    type: 'histogram',
    help: 'Time that requests waited for a worker, held time included.',
    labels: [],
    read: ({ tally }) => histogram('shieldproxy_queue_wait_seconds', tally.queueWait, {}),
  },
  {
    name: 'shieldproxy_queue_length',
    type: 'gauge',
    help: 'Requests that wait for a worker.',
    labels: [],
    read: ({ sources }) => (sources === null ? [] : one(sources.queue().length)),
  },
  {
    name: 'shieldproxy_queue_overloaded',
    type: 'gauge',
    help: '1 while the newest requests are served first, as not all can be; else 0.',
    labels: [],
    read: ({ sources }) => (sources === null ? [] : one(sources.queue().order === 'fifo' ? 0 : 1)),
  },
  {
    name: 'shieldproxy_shed_total',
    type: 'counter',
    help: 'Requests and connections that were refused for want of room, by reason.',
    labels: ['reason'],
    read: ({ tally }) => [...tally.shed].map(([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: 'shieldproxy_cache_requests_total',
    type: 'counter',
    help: 'Requests for which a cache was asked (proxy_cache), by what it had.',
    labels: ['result'],
    read: ({ tally }) =>
      [...tally.cached].map(([answer, value]) => ({ labels: { result: answer.toLowerCase() }, value })),
  },
  {
    name: 'shieldproxy_worker_slots',
    type: 'gauge',
    help: 'Worker slots by state; only the busy ones while their number is not known.',
    labels: ['upstream', 'state'],
    read: ({ sources }) =>
      bounded(sources).flatMap(({ name, busy, slots }) => {
        const rows = [{ labels: { upstream: name, state: 'busy' }, value: busy }]
        if (slots !== null)
          rows.push({ labels: { upstream: name, state: 'free' }, value: Math.max(0, slots - busy) })
        return rows
      }),
  },
  {
    name: 'shieldproxy_worker_busy_seconds_total',
    type: 'counter',
    help: 'Time that workers were held.',
    labels: ['upstream'],
    read: ({ tally }) =>
      [...tally.busyMs].map(([upstream, ms]) => ({ labels: { upstream }, value: ms / 1000 })),
  },
  {
    name: 'shieldproxy_workers_lost_total',
    type: 'counter',
    help: 'Connections to workers that ended without a whole answer, by cause.',
    labels: ['cause'],
    read: ({ tally }) => [...tally.lost].map(([cause, value]) => ({ labels: { cause }, value })),
  },
  {
    name: 'shieldproxy_upstream_up',
    type: 'gauge',
    help: '1 while the upstream takes connections, else 0.',
    labels: ['upstream'],
    read: ({ sources }) =>
      bounded(sources).map(row => ({
        labels: { upstream: row.name },
        value: row.state === 'up' ? 1 : 0,
      })),
  },
  {
    name: 'shieldproxy_upstream_connects_total',
    type: 'counter',
    help: 'Connections opened to upstreams, by result.',
    labels: ['upstream', 'result'],
    read: ({ tally }) =>
      [...tally.connects].flatMap(([upstream, row]) =>
        CONNECT_RESULTS.map(result => ({ labels: { upstream, result }, value: row[result] })),
      ),
  },
  {
    name: 'shieldproxy_spool_bytes',
    type: 'gauge',
    help: 'Bytes that all spools hold, by place.',
    labels: ['place'],
    read: ({ sources }) => {
      if (sources === null) return []
      const { memory, disk } = sources.spools()
      return [
        { labels: { place: 'memory' }, value: memory },
        { labels: { place: 'disk' }, value: disk },
      ]
    },
  },
  {
    name: 'shieldproxy_client_connections',
    type: 'gauge',
    help: 'Client connections by state.',
    labels: ['state'],
    read: ({ sources }) => {
      if (sources === null) return []
      const { idle, active } = sources.connections()
      return [
        { labels: { state: 'idle' }, value: idle },
        { labels: { state: 'active' }, value: active },
      ]
    },
  },
  {
    name: 'shieldproxy_log_lines_dropped_total',
    type: 'counter',
    help: 'Log lines thrown away because nobody read them in time.',
    labels: [],
    read: ({ dropped }) => one(dropped),
  },
  {
    name: 'shieldproxy_build_info',
    type: 'gauge',
    help: 'Always 1; the version is its label.',
    labels: ['version'],
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
]

/** Those that have a name in the metrics: which ones requests work out, clients may have a say in. */
function bounded(sources: Sources | null): readonly UpstreamRow[] {
  return sources?.upstreams().filter(({ name, label = name }) => label === name) ?? []
}

/** The registry: a series is asked for its values when a scrape comes. */
export async function publish(seen: () => Seen): Promise<Registry> {
  const { Registry, Gauge } = await import('prom-client')
  const registry = new Registry()
  for (const { name, type, help, read } of SERIES) {
    // prom-client's own Counter and Histogram would look a label object up for each observation; a registry
    // asks a metric for no more than this.
    const metric = { name, help, type, get: async () => ({ name, help, type, values: read(seen()) }) }
    registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0])
  }
  addProcessSeries(registry, Gauge, () => seen().threads)
  return registry
}

function requests(tally: Tally): Value[] {
  const values: Value[] = []
  let i = 0
  for (const method of METHODS) {
    for (const statusClass of STATUS_CLASSES) {
      for (const outcome of OUTCOMES) {
        const value = tally.requests[i++]!
        if (value > 0) values.push({ labels: { method, status_class: statusClass, outcome }, value })
      }
    }
  }
  return values
}

function histogram(name: string, from: Histogram, labels: Record<string, string>): Value[] {
  const values: Value[] = []
  let below = 0
  for (let i = 0; i < BUCKETS.length; i++) {
    below += from.cells[i]!
    values.push({ metricName: `${name}_bucket`, labels: { le: BUCKETS[i]!, ...labels }, value: below })
  }
  values.push({ metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: from.count })
  values.push({ metricName: `${name}_sum`, labels, value: from.sumMs / 1000 })
  values.push({ metricName: `${name}_count`, labels, value: from.count })
  return values
}
