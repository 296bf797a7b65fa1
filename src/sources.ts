// What the house tells of itself when somebody looks: for gauges, status and readiness. Reads only.

import type { Admission } from './admit/admission.ts'
import type { Config } from './config/config.ts'
import type { Sources, UpstreamRow } from './observe/observer.ts'
import type { Pause } from './pause.ts'
import type { Plane } from './planes/plane.ts'
import type { SlotSearch } from './slot-search.ts'
import type { Fleet } from './upstream/fleet.ts'
import type { Upstream } from './upstream/upstream.ts'

export interface Parts {
  readonly config: Config
  readonly admission: Admission<Upstream>
  /** The data plane, or all of them together. */
  readonly data: Pick<Plane, 'counts' | 'spoolUsage'>
  readonly fleet: Fleet
  readonly pause: Pause
  readonly search: SlotSearch
  readonly draining: boolean
}

export function sourcesOf(parts: Parts): Sources {
  const { admission, data } = parts
  return {
    upstreams: () => upstreamRows(parts),
    queue: () => ({
      length: admission.length,
      limit: admission.limit,
      oldestMs: admission.oldest(),
      order: admission.order,
      patienceMs: admission.patience,
      pausedUntil: parts.pause.state?.until ?? null,
    }),
    spools: () => data.spoolUsage(),
    connections: () => data.counts(),
    ready: () => readiness(parts),
  }
}

// A full queue is not unready: to take a busy instance away makes it worse for the others (interface.md).
function readiness({ draining, fleet, pause }: Parts): { ready: boolean; reason: string } {
  if (draining) return { ready: false, reason: 'draining' }
  if (pause.state !== null) return { ready: false, reason: 'paused' }
  if (fleet.outlook !== 'refusing') return { ready: true, reason: '' }
  const seconds = Math.round(fleet.downFor() / 1000)
  return { ready: false, reason: `the upstream has refused connections for ${seconds} s, longer than --hold` }
}

function upstreamRows({ admission, search }: Parts): UpstreamRow[] {
  return admission.pools.map(pool => {
    const { backend, busy, lanes } = pool
    const slots = search.slots(pool)
    return {
      name: backend.name,
      address: backend.where,
      state: backend.isUp ? 'up' : 'down',
      downSince: backend.isUp ? null : backend.downSince,
      slots: Number.isFinite(slots) ? slots : null,
      busy,
      lanes,
      slotsFrom: search.evidence(pool),
    }
  })
}
