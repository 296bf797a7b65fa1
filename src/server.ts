// Builds every part of the house from a frozen Config, and takes it down again: start, reload, drain, stop. It
// joins rooms and holds no policy of its own.

import type { Logger } from 'pino'
import type { ZoneMemories } from './access/limits.ts'
import type { AdminServer } from './admin/admin.ts'
import { openAdmin } from './admin-listener.ts'
import type { Lanes } from './admit/lanes.ts'
import { announce } from './announcement.ts'
import { Clock, now } from './clock.ts'
import { formatAddress } from './config/addresses.ts'
import type { Address, Config } from './config/config.ts'
import type { Group } from './groups/group.ts'
import { Groups } from './groups/groups.ts'
import { HealthWatch } from './health-watch.ts'
import { peersOf } from './kernel/connections.ts'
import { Observer } from './observe/observer.ts'
import type { WorkerWord } from './observe/worker-words.ts'
import { Pause } from './pause.ts'
import { Desks } from './planes/desks.ts'
import { Plane } from './planes/plane.ts'
import { Threads } from './planes/threads.ts'
import { RouteNames } from './route-names.ts'
import { sourcesOf } from './sources.ts'
import { ticketsFor } from './tickets.ts'
import type { Upstream } from './upstream/upstream.ts'
import { readVersion } from './version.ts'
import { Vitals } from './vitals.ts'
import { Warnings } from './warnings.ts'
import { zonesOf } from './zones.ts'

export interface RunningServer {
  readonly listening: readonly Address[]
  readonly admin: Address | null
  readonly log: Logger
  /** Stops accepting and lets what is under way end, for `--drain-timeout` at most; `clean`: nothing was cut. */
  drain(reason: string): Promise<{ clean: boolean }>
  /** Cuts everything at once. */
  stopNow(): Promise<void>
  /**
   * Takes new settings on, as far as they can change while running: what the file says, certificates; and names are
   * looked up. Rejects, with an Error for people, when they cannot be used; then nothing has changed.
   */
  reload(next: Config): Promise<void>
  reopenLogs(): void
  /** What is known of the app's workers from the one who runs it. */
  workerSaid(word: WorkerWord): void
  /** The app's worker processes were counted: so many requests they can work on at once. */
  workerSlots(slots: number): void
  /** @param pids the processes that may serve requests, now */
  followWorkers(pids: () => readonly number[]): void
}

/** The observer's beat, in milliseconds. */
const OBSERVE_EVERY_MS = 250

/**
 * Starts everything. Rejects with an Error whose message is for people: which address could not be bound, and
 * what to do about it.
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const server = new Server(config, await zonesOf(config.site), await ticketsFor(config))
  try {
    await server.start()
  } catch (error) {
    await server.stopNow()
    throw error
  }
  return server
}

class Server implements RunningServer {
  readonly listening: Address[] = []
  admin: Address | null = null
  draining = false
  readonly config: Config
  readonly clock = new Clock()
  readonly observer: Observer
  readonly groups: Groups
  lanesOf?: (group: Group, upstream: Upstream) => Lanes
  removed?: (group: Group, upstream: Upstream) => void
  readonly pause: Pause
  /** Where health checks are answered here; null: the app does. */
  readonly vitals: Vitals | null
  /** What serves requests: here, or in threads of its own. */
  readonly data: Plane | Threads
  zones: ZoneMemories
  readonly tickets: SharedArrayBuffer | null
  /** As the file was read last. */
  site: Config['site']
  readonly #health: HealthWatch | null
  #adminServer: AdminServer | null = null
  #observedAt = 0
  #drained: Promise<{ clean: boolean }> | null = null

  constructor(config: Config, zones: ZoneMemories, tickets: SharedArrayBuffer | null) {
    this.config = config
    this.site = config.site
    this.zones = zones
    this.tickets = tickets
    this.observer = new Observer({ ...config, version: readVersion() })
    const warnings = new Warnings(message => this.observer.log.warn(message))
    this.vitals = config.healthAnswer === 'proxy' ? new Vitals() : null
    const warn = (message: string) => warnings.give(message)
    this.groups = new Groups(this)
    this.pause = new Pause(this.groups, this.observer.log)
    this.data = config.cores === 1 ? this.#planeHere(warn) : this.#threads(config.cores, warn)
    this.#health = this.vitals === null ? null : this.#healthWatch(this.vitals)
  }

  #healthWatch(vitals: Vitals): HealthWatch {
    return new HealthWatch({
      vitals,
      outlook: () => this.groups.outlook,
      probe: () => this.groups.asksWorker(),
      workerTimeout: this.config.workerTimeout,
    })
  }

  #planeHere(warn: (message: string) => void): Plane {
    const { config, clock, observer, groups, vitals, zones, tickets } = this
    const own = { clock, groups, routes: new RouteNames(), planes: 1, first: true }
    return new Plane({ config, observer, vitals, zones, tickets, warn, ...own })
  }

  #threads(planes: number, warn: (message: string) => void): Threads {
    const { config, observer, vitals, zones, tickets } = this
    const desks = new Desks(message => threads.broadcast(message))
    const version = readVersion()
    const threads = new Threads({ config, observer, vitals, zones, tickets, warn, planes, desks, version })
    desks.serve(this.groups)
    this.lanesOf = (group, upstream) => desks.lanesOf(group, upstream)
    this.removed = (group, upstream) => desks.removed(group, upstream)
    return threads
  }

  async start(): Promise<void> {
    const { config, observer } = this
    observer.overview.attach(sourcesOf(this))
    const listening = this.data.listen(config.listen)
    const names = this.groups.start(listening)
    const listeners = await listening
    for (const { address } of listeners) this.listening.push(address)
    this.#adminServer = await openAdmin(this)
    this.admin = this.#adminServer?.address ?? null
    this.clock.onTick(at => this.#tick(at))
    this.clock.start()
    announce(this, listeners)
    // Not awaited before the listeners stand: a slow name server must not keep the port closed.
    await Promise.race([names, new Promise(resolve => setTimeout(resolve, 1_000).unref())])
    observer.flush()
  }

  // — now and then

  #tick(at: number): void {
    this.groups.tick(at)
    this.pause.tick(at)
    this.#health?.tick(at)
    this.data.tick()
    if (at - this.#observedAt >= OBSERVE_EVERY_MS) {
      this.#observedAt = at
      this.observer.tick(at)
    }
  }

  // — the end

  drain(reason: string): Promise<{ clean: boolean }> {
    this.#drained ??= this.#drainOnce(reason)
    return this.#drained
  }

  async #drainOnce(reason: string): Promise<{ clean: boolean }> {
    const { log } = this.observer
    const timeout = this.config.drainTimeout
    const began = now()
    this.draining = true
    // Who was paused is answered before the end.
    this.pause.end('drain')
    const { active, ended } = this.data.drain(reason, timeout)
    // Nobody is held any more.
    this.groups.update()
    log.info({ reason, active: await active, timeout_ms: timeout }, 'drain')
    const cut = await ended
    const after = { after_ms: Math.round(now() - began) }
    if (cut === 0) log.info(after, 'drained; every request was answered')
    else {
      const passed = 'the drain timeout has passed; the requests that were still running are cut'
      log.warn({ ...after, cut }, passed)
      // One turn for the answers and log lines of those that were told.
      await new Promise(resolve => setImmediate(resolve))
    }
    await this.stopNow()
    return { clean: cut === 0 }
  }

  async stopNow(): Promise<void> {
    this.draining = true
    this.groups.stop()
    await this.data.stop()
    await this.#adminServer?.close()
    this.clock.stop()
    await this.observer.close()
  }

  async reload(next: Config): Promise<void> {
    const { zones: counted = [], caches = [] } = this.site ?? {}
    const former = { zones: counted, caches, memories: this.zones }
    const zones = await zonesOf(next.site, former)
    const prepared = await this.data.prepare(next, zones)
    // The groups first: requests of the new site look for theirs.
    this.groups.reload(next)
    // Whoever reads that it is done may ask any thread.
    await prepared.commit()
    this.zones = zones
    this.site = next.site
    // Of a port that the system chose only the listener knows the number.
    const there = next.listen.map((address, nth) =>
      address.kind === 'tcp' && address.port === 0 ? (this.listening[nth] ?? address) : address,
    )
    this.listening.splice(0, this.listening.length, ...there)
    this.observer.log.info({ listening: this.listening.map(formatAddress) }, 'reload')
  }

  workerSaid(word: WorkerWord): void {
    this.observer.workerSaid(word)
  }

  workerSlots(slots: number): void {
    this.groups.first.search.told(slots, 'the app’s worker processes')
  }

  followWorkers(pids: () => readonly number[]): void {
    // Of a Unix socket the other end cannot be told.
    const address = this.config.upstreams.map(each => each.address).find(({ kind }) => kind === 'tcp')
    if (address?.kind !== 'tcp') return
    if (this.data instanceof Threads) this.data.follow(address.port, pids)
    else this.observer.names.peers = ports => peersOf(ports, address.port, pids())
  }

  reopenLogs(): void {
    this.data.reopenLogs()
    this.observer.reopen()
  }

  get log(): Logger {
    return this.observer.log
  }
}
