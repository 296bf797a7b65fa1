// What the house tells of itself when somebody looks: for gauges, status and readiness. Reads only.

import type { Config } from './config/config.ts'
import type { Group } from './groups/group.ts'
import type { Groups } from './groups/groups.ts'
import type { Sources, UpstreamRow } from './observe/observer.ts'
import type { GroupRow, QueueRow } from './observe/sources.ts'
import type { Pause } from './pause.ts'
import type { Plane } from './planes/plane.ts'

export interface Parts {
  readonly config: Config
  readonly groups: Groups
  /** The data plane, or all of them together. */
  readonly data: Pick<Plane, 'counts' | 'spoolUsage'>
  readonly pause: Pause
  readonly draining: boolean
}

/** Asked when somebody looks, and never for a request. */
export function sourcesOf(parts: Parts): Sources {
  const { groups, data } = parts
  return {
    upstreams: () => groups.all.flatMap(upstreamRows),
    groups: () => (groups.first.origin === 'flags' ? null : groups.all.map(groupRow)),
    queue: () => ({ ...queueOf(groups.all), pausedUntil: parts.pause.state?.until ?? null }),
    spools: () => data.spoolUsage(),
    connections: () => data.counts(),
    ready: () => readiness(parts),
  }
}

/** All queues as one: sums, and the worst of what cannot be added up. */
function queueOf(groups: readonly Group[]): Omit<QueueRow, 'pausedUntil'> {
  const sum = {
    length: 0,
    limit: 0,
    oldestMs: 0,
    order: 'fifo' as QueueRow['order'],
    patienceMs: null as number | null,
  }
  for (const { admission } of groups) {
    const { length, limit, order, patience } = admission
    sum.length += length
    sum.limit += limit
    sum.oldestMs = Math.max(sum.oldestMs, admission.oldest())
    if (order === 'newest_first') sum.order = order
    if (patience !== null) sum.patienceMs = Math.min(sum.patienceMs ?? patience, patience)
  }
  return sum
}

function groupRow(group: Group): GroupRow {
  const { name, fleet, admission } = group
  const { length, limit, order } = admission
  return { name, outlook: fleet.outlook, queue: { length, limit, order, oldestMs: admission.oldest() } }
}

// A full queue is not unready: to take a busy instance away makes it worse for the others (interface.md).
function readiness({ draining, groups, pause }: Parts): { ready: boolean; reason: string } {
  if (draining) return { ready: false, reason: 'draining' }
  if (pause.state !== null) return { ready: false, reason: 'paused' }
  if (groups.outlook !== 'refusing') return { ready: true, reason: '' }
  const seconds = Math.round(groups.downFor() / 1000)
  return { ready: false, reason: `the upstream has refused connections for ${seconds} s, longer than --hold` }
}

function upstreamRows({ name, origin, admission, search }: Group): UpstreamRow[] {
  return admission.pools.map(pool => {
    const { backend, busy, lanes } = pool
    const slots = search.slots(pool)
    return {
      name: backend.name,
      label: backend.label,
      group: origin === 'flags' ? null : name,
      address: backend.where,
      state: backend.isUp ? 'up' : 'down',
      downSince: backend.downSince === 0 ? null : backend.downSince,
      slots: Number.isFinite(slots) ? slots : null,
      busy,
      lanes,
      slotsFrom: search.evidence(pool),
    }
  })
}
