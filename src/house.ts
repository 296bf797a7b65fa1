// What a request passes through on its way: the parts that `server.ts` builds and the corridor uses. Types only.

import type { Applicant } from './admit/applicant.ts'
import type { Config } from './config/config.ts'
import type { GroupConfig, GroupShield } from './config/nginx/group-config.ts'
import type { Family } from './config/nginx/modules/proxy.ts'
import type { Failure } from './errors.ts'
import type { Trust } from './listen/trust.ts'
import type { Observer } from './observe/observer.ts'
import type { PassRules } from './passing.ts'
import type { HealthChecks } from './route/health-check.ts'
import type { RouteNames } from './route-names.ts'
import type { SpoolStore } from './spool/store.ts'
import type { WorkerOptions } from './upstream/answer-sink.ts'
import type { UpgradeLane } from './upstream/upgrade-lane.ts'
import type { Upstream } from './upstream/upstream.ts'
import type { Vitals } from './vitals.ts'

/** One taken worker slot. `release` may be called twice; the second call does nothing. */
export interface WorkerSlot {
  readonly pool: { readonly backend: Upstream }
  /** The lane's number, from 0; -1 where there are too many to have numbers. */
  readonly lane: number
  /** The worker's answer is whole. */
  answered?: boolean
  release(): void
}

/** Where a request asks for a worker: the admission itself, or what stands in for it in another thread. */
export interface AdmissionDesk {
  /** Somebody waits for a worker. */
  readonly someWait: boolean
  refusal(applicant: Applicant): Failure | null
  enter(
    applicant: Applicant,
    again: boolean,
    mayWait: boolean,
  ): WorkerSlot | Promise<WorkerSlot | Failure> | Failure
  /** One was refused at its head, as the queue is full, and will not enter. */
  turnedAway(route: string): void
  /** A worker took `tookMs` for a whole answer, `ageMs` after the request was ready, with the client still there. */
  answered(route: string, ageMs: number, tookMs: number): void
  /** A client left `ageMs` after its request was ready, while a worker had it that had sent nothing. */
  abandoned(route: string, ageMs: number, waitedMs: number): void
}

/** A group of upstreams, as a request sees it. */
export interface UpstreamGroup {
  readonly name: string
  readonly config: GroupConfig
  readonly admission: AdmissionDesk
  /** How many addresses are left for a request that was tried at these, by name. */
  left(tried: readonly string[] | null): number
  /** The addresses that are known, as people write them. */
  readonly addresses: readonly string[]
  /** How long a request waits for addresses of which none takes connections, in milliseconds. */
  readonly hold: number
  /** The app server's own limit for a request, in milliseconds; null when unknown or none. */
  readonly workerTimeout: number | null
}

/** Whom a `proxy_pass` or one of its like with variables leads to. */
export interface ComputedTarget {
  /** What stands between the scheme and the path: a group's name, or an address. */
  readonly host: string
  /** `https`, `suwsgi`. */
  readonly secure: boolean
  readonly family: Family
  /** The words of `resolver` where it was asked. */
  readonly resolver: readonly string[]
  /** What was said there of its workers; null: nothing. */
  readonly shield: GroupShield | null
}

export interface UpstreamGroups {
  /** The flags' one, or the first of the file's; of a file that passes nothing on, one without upstreams. */
  readonly first: UpstreamGroup
  /** The group of that name (`pass.group.name`). */
  of(name: string): UpstreamGroup
  /** A failure is a 502, with what nginx would say of it as its detail. */
  computed(target: ComputedTarget): UpstreamGroup | Failure | Promise<UpstreamGroup | Failure>
}

export interface House {
  readonly config: Config
  readonly trust: Trust
  readonly healthChecks: HealthChecks
  readonly routes: RouteNames
  /** How requests are passed on where flags say how. */
  readonly rules: PassRules
  readonly groups: UpstreamGroups
  readonly spools: SpoolStore
  readonly workers: WorkerOptions
  readonly observer: Observer
  readonly upgrades: UpgradeLane
  /** Where the proxy answers health checks itself; null: the app does. */
  readonly vitals: Vitals | null
  readonly draining: boolean
  /** Descriptors ran short: a few idle connections make room. */
  relieve(): void
  /** A client of which all that is known is a private, untrusted address stands for many: a gateway. */
  isGateway(peer: string): boolean
  /** An untrusted peer sent forwarding headers; said once a peer. */
  claimsDropped(peer: string): void
}
