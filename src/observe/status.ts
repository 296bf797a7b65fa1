// The JSON of /status.json, put together from what the parts report. Owns its shape; computes nothing.

import { now } from '../clock.ts'
import type { Incident } from './loss.ts'
import type { SlowRoute } from './routes.ts'
import type { InflightRow, Sources } from './sources.ts'

export interface Parts {
  readonly version: string
  readonly uptimeMs: number
  readonly sources: Sources | null
  readonly readiness: { ready: boolean; reason: string }
  readonly inflightTotal: number
  readonly inflight: readonly InflightRow[]
  readonly incidents: readonly Incident[]
  readonly slowest: readonly SlowRoute[]
  /** Milliseconds; null when not known. */
  readonly workerTimeout: number | null
}

/** The object that becomes the JSON; times in milliseconds, sizes in bytes. */
export function statusOf(parts: Parts): object {
  const { sources } = parts
  const queue = sources?.queue() ?? {
    length: 0,
    limit: 0,
    oldestMs: 0,
    order: 'fifo',
    patienceMs: null,
    pausedUntil: null,
  }
  const spools = sources?.spools() ?? { memory: 0, disk: 0, memoryLimit: 0, diskLimit: 0, open: 0 }
  const upstreams = (sources?.upstreams() ?? []).map(row => ({
    name: row.name,
    ...(row.group == null ? {} : { group: row.group }),
    address: row.address,
    state: row.state,
    down_ms: row.downSince === null ? null : Math.round(now() - row.downSince),
    slots: row.slots,
    slots_from: row.slotsFrom,
    busy: row.busy,
    lanes: row.lanes,
  }))
  const groups =
    sources?.groups?.()?.map(({ name, outlook, queue: { length, limit, order, oldestMs } }) => ({
      name,
      outlook,
      queue: { length, limit, oldest_ms: Math.round(oldestMs), order },
    })) ?? null
  return {
    version: parts.version,
    uptime_s: Math.round(parts.uptimeMs / 1000),
    ready: parts.readiness.ready,
    reason: parts.readiness.reason,
    worker_timeout_ms: parts.workerTimeout,
    upstreams,
    ...(groups === null ? {} : { groups }),
    queue: {
      length: queue.length,
      limit: queue.limit,
      oldest_ms: Math.round(queue.oldestMs),
      order: queue.order,
      patience_ms: queue.patienceMs === null ? null : Math.round(queue.patienceMs),
      pause_ends_in_ms: queue.pausedUntil === null ? null : Math.round(queue.pausedUntil - now()),
    },
    spools: {
      open: spools.open,
      memory: spools.memory,
      memory_limit: spools.memoryLimit,
      disk: spools.disk,
      disk_limit: spools.diskLimit,
    },
    connections: sources?.connections() ?? { idle: 0, active: 0, limit: 0 },
    // The list is bounded, so its length may be less.
    inflight_total: parts.inflightTotal,
    inflight: parts.inflight,
    incidents: parts.incidents,
    slowest: parts.slowest,
  }
}
