// One data plane: listeners, the connections from the edge (`edge-side.ts`), spools, and the ways to the workers, all on one
// event loop. Every request is served within one plane; slots come from the admission, whoever keeps it. It writes no log of
// its own accord, answers no operator, and knows nothing of other planes.

import type { ZoneMemories } from '../access/limits.ts'
import type { Shown } from '../admin/admin.ts'
import type { Clock } from '../clock.ts'
import { formatAddress } from '../config/addresses.ts'
import type { Address, Config } from '../config/config.ts'
import { Drain } from '../drain.ts'
import { FlagRules } from '../flag-rules.ts'
import type { House } from '../house.ts'
import type { Accepted } from '../listen/edge-host.ts'
import { type Listener, listen } from '../listen/listener.ts'
import { isPrivate, Trust } from '../listen/trust.ts'
import type { Observer } from '../observe/observer.ts'
import { HealthChecks } from '../route/health-check.ts'
import { SpoolStore, type StoreUsage } from '../spool/store.ts'
import { UpgradeLane } from '../upstream/upgrade-lane.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { EdgeSide } from './edge-side.ts'
import type { Prepared } from './entrances.ts'
import type { SiteService } from './site-service.ts'

export interface PlaneParts {
  readonly config: Config
  readonly clock: Clock
  readonly observer: House['observer']
  readonly groups: House['groups']
  readonly routes: House['routes']
  readonly vitals: House['vitals']
  /** Takes a warning that may come again and again. */
  warn(message: string): void
  /** How many planes share what is limited for all of them: connections, and what spools may hold. */
  readonly planes: number
  /** What a site's limits count in, for all planes. */
  readonly zones: ZoneMemories
  /** The memory of the keys that all planes seal TLS tickets with; null: there is no TLS. */
  readonly tickets: SharedArrayBuffer | null
  /** It is the first of them, or the only one: what there can be one of is its. */
  readonly first: boolean
}

/** How a plane's drain goes on. */
export interface Draining {
  /** Connections with a request under way when it began. */
  readonly active: number
  /** Settles when everything has ended by itself (0), or at the deadline with how many were still running. */
  readonly ended: Promise<number>
}

export class Plane implements House {
  draining = false
  readonly config: Config
  readonly clock: Clock
  readonly observer: House['observer']
  readonly rules: House['rules']
  readonly groups: House['groups']
  readonly routes: House['routes']
  readonly vitals: House['vitals']
  readonly trust: Trust
  readonly healthChecks: HealthChecks
  readonly spools: SpoolStore
  readonly upgrades: UpgradeLane
  readonly workers: House['workers']
  readonly #edge: EdgeSide
  readonly #listeners: Listener[] = []
  /** Null: flags alone say what is served, and nothing of sites is loaded. */
  #sites: SiteService | null = null
  readonly #warn: PlaneParts['warn']
  readonly #reusePort: boolean
  readonly #first: boolean
  readonly #zones: ZoneMemories
  readonly #tickets: SharedArrayBuffer | null
  #drain: Drain | null = null

  constructor(parts: PlaneParts) {
    const { config, clock, observer, groups, routes, vitals, warn, planes, first, zones, tickets } = parts
    this.config = config
    this.clock = clock
    this.observer = observer
    this.groups = groups
    this.routes = routes
    this.vitals = vitals
    this.#warn = warn
    this.#zones = zones
    this.#tickets = tickets
    this.trust = new Trust(config.trustedProxies, config.edge.clientField)
    this.healthChecks = new HealthChecks(config.healthcheckPaths)
    const defaultHost =
      config.upstreams[0]?.address.kind === 'tcp' ? formatAddress(config.upstreams[0].address) : 'localhost'
    this.spools = SpoolStore.open({
      memory: config.spoolMemory,
      disk: config.spoolDisk,
      dir: config.spoolDir,
      shares: planes,
      warn,
    })
    this.#edge = new EdgeSide({ house: this, config, clock, planes, ended: () => this.#drain?.check(), warn })
    this.#reusePort = planes > 1
    this.#first = first
    const freed = (upstream: Upstream, busyMs: number) => observer.workerFreed(upstream.label, busyMs)
    const connect: House['workers']['connect'] = (upstream, result) =>
      observer.connected(upstream.label, result)
    const { connectTimeout, readTimeout, workerTimeout } = config
    this.workers = { clock, connectTimeout, readTimeout, workerTimeout, freed, connect, warn }
    const finished: House['observer']['finished'] = exchange =>
      observer.finished(exchange, exchange.onUpgradeEnd?.() ?? false)
    this.rules = new FlagRules(config, groups.first.admission, this.workers, defaultHost)
    this.upgrades = new UpgradeLane({ freed, connect, finished })
    clock.onTick(() => this.#drain?.tick())
  }

  /** Binds and accepts. Rejects with an Error for people. @param addresses of a site, one for each of its places */
  async listen(addresses: readonly Address[]): Promise<readonly Listener[]> {
    if (this.config.site !== null) {
      this.#sites = this.#edge.sites = await this.#loadSites()
      return this.#sites.open(this.config, this.#zones, addresses)
    }
    for (const address of addresses) {
      // A Unix socket can have one listener only.
      if (address.kind === 'unix' && !this.#first) continue
      const accept = (accepted: Accepted) => this.#edge.accept(accepted)
      this.#listeners.push(await listen(address, this.config.tls, accept, this.#reusePort, this.#tickets))
    }
    return this.#listeners
  }

  // More than half of the code is of sites, and whoever starts with flags alone need not wait for it.
  async #loadSites(): Promise<SiteService> {
    const { SiteService } = await import('./site-service.ts')
    return new SiteService({
      house: this,
      clock: this.clock,
      edge: this.#edge,
      reusePort: this.#reusePort,
      first: this.#first,
      tickets: this.#tickets,
      warn: message => this.#warn(message),
    })
  }

  // — House

  relieve(): void {
    this.#edge.connections.closeIdle(1)
  }

  isGateway(peer: string): boolean {
    return isPrivate(peer)
  }

  claimsDropped(peer: string): void {
    this.#warn(
      `forwarding headers (X-Forwarded-For and the like) from ${peer} are dropped, as it is not a trusted proxy; ` +
        `if it is your edge or load balancer, add --trusted-proxies ${peer}`,
    )
  }

  // — for those who look

  shown({ overview }: Observer): Shown {
    return overview
  }

  counts(): { idle: number; active: number; limit: number } {
    const { connections } = this.#edge
    const { idle, active } = connections.count()
    return { idle, active, limit: connections.limit }
  }

  reopenLogs(): void {
    this.#sites?.reopenLogs()
  }

  spoolUsage(): StoreUsage {
    return this.spools.usage()
  }

  /** The coarse clock's beat; what is due here, the clock itself brings. */
  tick(): void {}

  // — reload and end

  /** Makes ready for new settings; rejects, with a message for people, when they cannot be used. */
  async prepare(next: Config, zones: ZoneMemories): Promise<Prepared> {
    if (this.#sites !== null) return this.#sites.prepare(next, zones)
    for (const listener of this.#listeners) listener.reloadTls()
    return { commit() {}, abandon() {} }
  }

  /** Stops accepting, and lets what is under way end within so many milliseconds; cuts nothing. */
  drain(reason: string, timeout: number): Draining {
    this.#stopAccepting()
    const drain = (this.#drain ??= new Drain({
      reason,
      timeout,
      connections: this.#edge.connections,
      upgrades: this.upgrades,
    }))
    return { active: drain.active, ended: drain.ended.then(clean => (clean ? 0 : drain.giveUp())) }
  }

  /** Cuts everything at once. */
  async stop(): Promise<void> {
    this.#stopAccepting()
    this.upgrades.cutAll()
    await this.#edge.connections.cutAll()
    // What was cut ends in this turn, and is to be in the log.
    await new Promise(resolve => setImmediate(resolve))
    this.spools.close()
    await this.#sites?.close()
  }

  #stopAccepting(): void {
    this.draining = true
    for (const listener of this.#listeners) listener.close()
    this.#sites?.stopAccepting()
  }
}
