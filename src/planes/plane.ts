// One data plane: listeners, the connections from the edge, spools, and the ways to the workers, all on one event
// loop. Every request is served within one plane; slots come from the admission, whoever keeps it. It writes no log of
// its own accord, answers no operator, and knows nothing of other planes.

import type { Socket } from 'node:net'
import type { ZoneMemories } from '../access/limits.ts'
import type { Shown } from '../admin/admin.ts'
import type { Clock } from '../clock.ts'
import { formatAddress } from '../config/addresses.ts'
import type { Address, Config } from '../config/config.ts'
import { Drain } from '../drain.ts'
import { refuse } from '../ending.ts'
import type { Exchange } from '../exchange.ts'
import { FlagRules } from '../flag-rules.ts'
import type { House } from '../house.ts'
import { Connections } from '../listen/connections.ts'
import { descriptorLimit } from '../listen/descriptors.ts'
import { EdgeConnection } from '../listen/edge-connection.ts'
import type { Accepted, EdgeHost } from '../listen/edge-host.ts'
import { type Listener, listen } from '../listen/listener.ts'
import { isPrivate, Trust } from '../listen/trust.ts'
import type { Observer } from '../observe/observer.ts'
import { serve } from '../pipeline.ts'
import { HealthChecks } from '../route/health-check.ts'
import { SpoolStore, type StoreUsage } from '../spool/store.ts'
import { UpgradeLane } from '../upstream/upgrade-lane.ts'
import type { Upstream } from '../upstream/upstream.ts'
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

export class Plane implements EdgeHost, House {
  // The edge's limits, under the names the connections know them by.
  readonly maxHeader: number
  readonly keepaliveTimeout: number
  readonly headerTimeout: number
  readonly bodyTimeout: number
  readonly sendTimeout: number

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
  readonly connections: Connections
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
    this.maxHeader = config.maxHeader
    this.keepaliveTimeout = config.keepaliveTimeout
    this.headerTimeout = config.headerTimeout
    this.bodyTimeout = config.bodyTimeout
    this.sendTimeout = config.sendTimeout
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
    const mostConnections = config.maxConnections ?? descriptorLimit().forClients
    this.connections = new Connections(Math.ceil(mostConnections / planes))
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
      this.#sites = await this.#loadSites()
      return this.#sites.open(this.config, this.#zones, addresses)
    }
    for (const address of addresses) {
      // A Unix socket can have one listener only.
      if (address.kind === 'unix' && !this.#first) continue
      const accept = (accepted: Accepted) => this.#accept(accepted)
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
      connections: this.connections,
      reusePort: this.#reusePort,
      first: this.#first,
      tickets: this.#tickets,
      makeRoom: raw => this.#makeRoom(raw),
      add: accepted => this.connections.add(new EdgeConnection(this, accepted)),
      lost: () => this.#drain?.check(),
      warn: message => this.#warn(message),
    })
  }

  // — connections and requests

  #accept(accepted: Accepted): void {
    if (this.#makeRoom(accepted.raw)) this.connections.add(new EdgeConnection(this, accepted))
  }

  #makeRoom(raw: Socket): boolean {
    if (this.connections.makeRoom()) return true
    this.observer.shed('connections')
    this.#warn(
      `all ${this.connections.limit} client connections are busy; new ones are refused (--max-connections)`,
    )
    raw.destroy()
    return false
  }

  /** EdgeHost */
  serve: EdgeHost['serve'] = (exchange, head, framing, edge) => {
    const served =
      this.#sites === null
        ? serve(this, exchange, head, framing, edge)
        : this.#sites.serve(exchange, head, framing, edge)
    served.catch(error => this.#escaped(error, exchange, edge))
  }

  /** EdgeHost */
  refuse: EdgeHost['refuse'] = (exchange, failure, edge) => {
    if (this.#sites === null) refuse(this, exchange, failure, edge)
    else {
      this.#sites.refuse(exchange, failure, edge).catch(error => this.#escaped(error, exchange, edge))
    }
  }

  // The corridor answers every failure itself; what escapes it is a bug, and must not take the others along.
  #escaped(error: unknown, { id }: Exchange, edge: EdgeConnection): void {
    this.observer.log.error({ err: error, id }, 'a request ended with an error of the proxy')
    edge.cut()
  }

  /** EdgeHost */
  closed(edge: EdgeConnection): void {
    this.connections.delete(edge)
    this.#drain?.check()
  }

  /** EdgeHost */
  reopened(edge: EdgeConnection): void {
    this.connections.restore(edge)
  }

  relieve(): void {
    this.connections.closeIdle(1)
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
    const { idle, active } = this.connections.count()
    return { idle, active, limit: this.connections.limit }
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
      connections: this.connections,
      upgrades: this.upgrades,
    }))
    return { active: drain.active, ended: drain.ended.then(clean => (clean ? 0 : drain.giveUp())) }
  }

  /** Cuts everything at once. */
  async stop(): Promise<void> {
    this.#stopAccepting()
    this.upgrades.cutAll()
    await this.connections.cutAll()
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
