// What a request passes through on its way: the parts that `server.ts` builds and the corridor uses. Types only.

import type { Admission } from './admit/admission.ts'
import type { Config } from './config/config.ts'
import type { Trust } from './listen/trust.ts'
import type { Observer } from './observe/observer.ts'
import type { HealthChecks } from './route/health-check.ts'
import type { RouteNames } from './route-names.ts'
import type { SpoolStore } from './spool/store.ts'
import type { WorkerOptions } from './upstream/answer-sink.ts'
import type { UpgradeLane } from './upstream/upgrade-lane.ts'
import type { Upstream } from './upstream/upstream.ts'

export interface House {
  readonly config: Config
  readonly trust: Trust
  readonly healthChecks: HealthChecks
  readonly routes: RouteNames
  readonly admission: Admission<Upstream>
  readonly spools: SpoolStore
  readonly workers: WorkerOptions
  readonly observer: Observer
  readonly upgrades: UpgradeLane
  /** What stands in for a Host that an HTTP/1.0 client did not send. */
  readonly defaultHost: string
  readonly draining: boolean
  /** Descriptors ran short: a few idle connections make room. */
  relieve(): void
  /** A client of which all that is known is a private, untrusted address stands for many: a gateway. */
  isGateway(peer: string): boolean
  /** An untrusted peer sent forwarding headers; said once a peer. */
  claimsDropped(peer: string): void
}
