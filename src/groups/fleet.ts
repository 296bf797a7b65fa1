// Joins the upstreams to the queue in front of them: every address gets its pool of slots, and what the upstreams
// have to say goes to the queue and to those who watch.

import type { Admission } from '../admit/admission.ts'
import type { Lanes } from '../admit/lanes.ts'
import { SlotPool } from '../admit/slot-pool.ts'
import { now } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Observer } from '../observe/observer.ts'
import { Fleet, type FleetOptions } from '../upstream/fleet.ts'
import type { Askers, Upstream } from '../upstream/upstream.ts'
import type { Member } from '../upstream/whereabouts.ts'
import type { SlotSearch } from './slot-search.ts'

export interface Parts {
  readonly config: Pick<Config, 'hold' | 'connectTimeout' | 'readTimeout'>
  readonly members: readonly Member[]
  readonly probePath: string
  readonly probeTerms?: FleetOptions['probeTerms']
  readonly lookUp?: FleetOptions['lookUp']
  readonly formerly?: FleetOptions['formerly']
  readonly refusesUnknown: boolean
  readonly askedBy: Askers
  readonly admission: Admission<Upstream>
  readonly observer: Observer
  readonly search: SlotSearch
  readonly draining: boolean
  /** Where it is kept which of an upstream's lanes are taken; without it, in the pool itself. */
  lanesOf?(upstream: Upstream): Lanes | undefined
  /** The upstream is given nothing more. */
  removed?(upstream: Upstream): void
}

/** The upstreams of one group; their addresses are looked for when it is started. */
export function buildFleet(parts: Parts): Fleet {
  const { config, admission, observer, search } = parts
  const poolOf = (upstream: Upstream) => admission.pools.find(({ backend }) => backend === upstream)
  const fleet: Fleet = new Fleet({
    upstreams: parts.members,
    ...(parts.lookUp && { lookUp: parts.lookUp }),
    ...(parts.formerly && { formerly: parts.formerly }),
    refusesUnknown: parts.refusesUnknown,
    askedBy: parts.askedBy,
    hold: config.hold,
    connectTimeout: config.connectTimeout,
    probeTimeout: config.readTimeout,
    probePath: parts.probePath,
    ...(parts.probeTerms && { probeTerms: parts.probeTerms }),
    get draining() {
      return parts.draining
    },
    events: {
      down: (upstream, detail) => {
        observer.upstreamDown(upstream.name, detail, config.hold > 0 && !parts.draining)
        fleet.update()
      },
      up: (upstream, downForMs) => {
        observer.upstreamUp(upstream.name, downForMs)
        search.returned(upstream)
        fleet.update()
      },
    },
    added: upstream => {
      const lanes = parts.lanesOf?.(upstream)
      const { maxConns } = upstream.standing.terms
      const pool = new SlotPool(upstream, maxConns || search.start, () => admission.dispatch(), lanes)
      // In the order of the file, which the methods go by.
      const { rank } = upstream.membership
      const at = admission.pools.findIndex(({ backend }) => backend.membership.rank > rank)
      admission.pools.splice(at === -1 ? admission.pools.length : at, 0, pool)
      // What is said of an address itself is not looked for.
      if (maxConns === 0) search.add(pool)
    },
    removed: upstream => {
      const pool = poolOf(upstream)
      if (pool === undefined) return
      admission.pools.splice(admission.pools.indexOf(pool), 1)
      pool.retired = true
      search.remove(pool)
      parts.removed?.(upstream)
    },
    outlookChanged: () => admission.outlookChanged(),
    dispatch: () => admission.dispatch(),
    isAwaited: () => admission.length > 0,
    takeSlot: upstream => {
      const pool = poolOf(upstream)
      return pool === undefined || pool.busy >= pool.limit ? null : pool.take('probe', now())
    },
  })
  return fleet
}
