// Builds every part of the house from a frozen Config, and takes it down again: start, reload, drain, stop. It
// joins rooms and holds no policy of its own.

import type { Logger } from 'pino'
import { type AdminServer, startAdmin } from './admin/admin.ts'
import { Admission } from './admit/admission.ts'
import { Clock } from './clock.ts'
import { formatAddress } from './config/addresses.ts'
import type { Address, Config } from './config/config.ts'
import { Drain } from './drain.ts'
import { buildFleet } from './fleet.ts'
import type { House } from './house.ts'
import { Connections } from './listen/connections.ts'
import { descriptorLimit } from './listen/descriptors.ts'
import { EdgeConnection } from './listen/edge-connection.ts'
import type { Accepted, EdgeHost } from './listen/edge-host.ts'
import { type Listener, listen } from './listen/listener.ts'
import { isPrivate, Trust } from './listen/trust.ts'
import { Observer } from './observe/observer.ts'
import { refuse, serve } from './pipeline.ts'
import { HealthChecks } from './route/health-check.ts'
import { RouteNames } from './route-names.ts'
import { sourcesOf } from './sources.ts'
import { SpoolStore } from './spool/store.ts'
import type { Fleet } from './upstream/fleet.ts'
import { UpgradeLane } from './upstream/upgrade-lane.ts'
import type { Upstream } from './upstream/upstream.ts'
import { readVersion } from './version.ts'
import { Warnings } from './warnings.ts'

export interface RunningServer {
  readonly listening: readonly Address[]
  readonly admin: Address | null
  readonly log: Logger
  /** Stops accepting and lets what is under way end, for `--drain-timeout` at most; `clean`: nothing was cut. */
  drain(reason: string): Promise<{ clean: boolean }>
  /** Cuts everything at once. */
  stopNow(): Promise<void>
  /** Takes new settings on, as far as they can change while running: certificates, and names are looked up. */
  reload(next: Config): Promise<void>
  reopenLogs(): void
}

/** The observer's beat, in milliseconds. */
const OBSERVE_EVERY_MS = 250
/**
 * Starts everything. Rejects with an Error whose message is for people: which address could not be bound, and
 * what to do about it.
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const server = new Server(config)
  try {
    await server.start()
  } catch (error) {
    await server.stopNow()
    throw error
  }
  return server
}

class Server implements RunningServer, EdgeHost, House {
  readonly listening: Address[] = []
  admin: Address | null = null
  draining = false

  // The edge's limits, under the names the connections know them by.
  readonly maxHeader: number
  readonly keepaliveTimeout: number
  readonly headerTimeout: number
  readonly bodyTimeout: number
  readonly sendTimeout: number

  readonly config: Config
  readonly clock = new Clock()
  readonly observer: Observer
  readonly trust: Trust
  readonly healthChecks: HealthChecks
  readonly routes = new RouteNames()
  readonly admission: Admission<Upstream>
  readonly spools: SpoolStore
  readonly upgrades: UpgradeLane
  readonly workers: House['workers']
  readonly defaultHost: string
  readonly connections: Connections
  readonly fleet: Fleet
  readonly #listeners: Listener[] = []
  readonly #warnings: Warnings
  #adminServer: AdminServer | null = null
  #observedAt = 0
  #drain: Drain | null = null

  constructor(config: Config) {
    this.config = config
    this.maxHeader = config.maxHeader
    this.keepaliveTimeout = config.keepaliveTimeout
    this.headerTimeout = config.headerTimeout
    this.bodyTimeout = config.bodyTimeout
    this.sendTimeout = config.sendTimeout
    this.observer = new Observer({ ...config, version: readVersion() })
    this.trust = new Trust(config.trustedProxies, config.edge.clientField)
    this.healthChecks = new HealthChecks(config.healthcheckPaths)
    this.defaultHost =
      config.upstreams[0]?.address.kind === 'tcp' ? formatAddress(config.upstreams[0].address) : 'localhost'
    this.#warnings = new Warnings(message => this.observer.log.warn(message))
    const warn = (message: string) => this.#warnings.give(message)
    this.spools = SpoolStore.open({
      memory: config.spoolMemory,
      disk: config.spoolDisk,
      dir: config.spoolDir,
      warn,
    })
    this.connections = new Connections(config.maxConnections ?? descriptorLimit().forClients)
    this.admission = new Admission<Upstream>({
      queueSize: config.queueSize,
      queueTimeout: config.queueTimeout,
      clock: this.clock,
      outlook: () => this.fleet.outlook,
    })
    this.fleet = buildFleet(this)
    const freed = (upstream: Upstream, busyMs: number) => this.observer.workerFreed(upstream.name, busyMs)
    const connect: House['workers']['connect'] = (upstream, result) =>
      this.observer.connected(upstream.name, result)
    const { connectTimeout, readTimeout, workerTimeout } = config
    this.workers = { clock: this.clock, connectTimeout, readTimeout, workerTimeout, freed, connect, warn }
    this.upgrades = new UpgradeLane({
      connectTimeout,
      readTimeout,
      workerTimeout,
      freed,
      connect,
      finished: exchange => this.observer.finished(exchange),
    })
  }

  async start(): Promise<void> {
    const { config, observer } = this
    observer.attach(sourcesOf(this))
    const names = this.fleet.start()
    for (const address of config.listen) {
      const listener = await listen(address, config.tls, accepted => this.#accept(accepted))
      this.#listeners.push(listener)
      this.listening.push(listener.address)
    }
    await this.#startAdmin()
    this.clock.onTick(at => this.#tick(at))
    this.clock.start()
    for (const { address, secure } of this.#listeners) {
      const admin = this.admin === null ? {} : { admin: formatAddress(this.admin) }
      const upstreams = config.upstreams.map(({ name }) => name)
      observer.log.info({ address: formatAddress(address), tls: secure, upstreams, ...admin }, 'listening')
    }
    if (config.workers === null) {
      observer.log.info(
        'workers: auto, and no number was found in the environment: as many requests go to the app at once as ' +
          'come; give --workers the number of its workers, so that the others wait here',
      )
    }
    // Not awaited before the listeners stand: a slow name server must not keep the port closed.
    await Promise.race([names, new Promise(resolve => setTimeout(resolve, 1_000).unref())])
    observer.flush()
  }

  async #startAdmin(): Promise<void> {
    const { admin, adminAsked } = this.config
    if (admin === null) return
    try {
      this.#adminServer = await startAdmin(admin, this.observer, {
        onError: error => this.observer.log.error({ err: error }, 'the admin listener failed to answer'),
      })
      this.admin = this.#adminServer.address
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (adminAsked)
        throw new Error(`cannot listen on the admin address ${formatAddress(admin)}: ${why}`, {
          cause: error,
        })
      this.observer.log.warn(
        `the admin listener is off: ${formatAddress(admin)} cannot be used (${why}); choose another with --admin`,
      )
    }
  }

  // — connections and requests

  #accept(accepted: Accepted): void {
    if (!this.connections.makeRoom()) {
      this.observer.shed('connections')
      this.#warnings.give(
        `all ${this.connections.limit} client connections are busy; new ones are refused (--max-connections)`,
      )
      accepted.raw.destroy()
      return
    }
    this.connections.add(new EdgeConnection(this, accepted))
  }

  /** EdgeHost */
  serve: EdgeHost['serve'] = (exchange, head, framing, edge) => {
    serve(this, exchange, head, framing, edge).catch(error => {
      // The corridor answers every failure itself; what escapes it is a bug, and must not take the others along.
      this.observer.log.error({ err: error, id: exchange.id }, 'a request ended with an error of the proxy')
      edge.cut()
    })
  }

  /** EdgeHost */
  refuse: EdgeHost['refuse'] = (exchange, failure, edge) => refuse(this, exchange, failure, edge)

  /** EdgeHost */
  closed(edge: EdgeConnection): void {
    this.connections.delete(edge)
    this.#drain?.check()
  }

  relieve(): void {
    this.connections.closeIdle(1)
  }

  isGateway(peer: string): boolean {
    return isPrivate(peer)
  }

  claimsDropped(peer: string): void {
    this.#warnings.give(
      `forwarding headers (X-Forwarded-For and the like) from ${peer} are dropped, as it is not a trusted proxy; ` +
        `if it is your edge or load balancer, add --trusted-proxies ${peer}`,
    )
  }

  // — now and then

  #tick(at: number): void {
    this.fleet.tick(at)
    if (at - this.#observedAt >= OBSERVE_EVERY_MS) {
      this.#observedAt = at
      this.observer.tick(at)
    }
    this.#drain?.tick()
  }

  // — the end

  async drain(reason: string): Promise<{ clean: boolean }> {
    this.draining = true
    for (const listener of this.#listeners) listener.close()
    this.fleet.update()
    const drain = (this.#drain ??= new Drain({
      reason,
      timeout: this.config.drainTimeout,
      connections: this.connections,
      upgrades: this.upgrades,
      log: this.observer.log,
    }))
    const clean = await drain.ended
    drain.report(clean)
    if (!clean) {
      drain.giveUp()
      // One turn for the answers and log lines of those that were told.
      await new Promise(resolve => setImmediate(resolve))
    }
    await this.stopNow()
    return { clean }
  }

  async stopNow(): Promise<void> {
    this.draining = true
    for (const listener of this.#listeners) listener.close()
    this.fleet.stop()
    this.upgrades.cutAll()
    await this.connections.cutAll()
    // What was cut ends in this turn, and is to be in the log.
    await new Promise(resolve => setImmediate(resolve))
    await this.#adminServer?.close()
    this.clock.stop()
    this.spools.close()
    await this.observer.close()
  }

  async reload(_next: Config): Promise<void> {
    for (const listener of this.#listeners) listener.reloadTls()
    this.fleet.refresh()
    this.observer.log.info({ listening: this.listening.map(formatAddress) }, 'reload')
  }

  reopenLogs(): void {
    this.observer.reopen()
  }

  get log(): Logger {
    return this.observer.log
  }
}
