// The site that a plane serves, as its file was read last: made ready before it takes the former one's place, which goes
// on for the requests that began in it; and where it listens.

import type { ZoneMemories } from '../access/limits.ts'
import { lookUpBelieved } from '../access/real-ip.ts'
import type { Clock } from '../clock.ts'
import type { Address, Config } from '../config/config.ts'
import { everySetting } from '../config/nginx/every-setting.ts'
import type { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { House } from '../house.ts'
import type { Framing } from '../http1/framing.ts'
import type { RequestHead } from '../http1/request-head.ts'
import type { EdgeConnection } from '../listen/edge-connection.ts'
import type { Listener } from '../listen/listener.ts'
import type { SiteListenerHost } from '../listen/site-listener.ts'
import { SiteLogs } from '../observe/site-log.ts'
import type { StubCounts } from '../response/stub-status.ts'
import { refuseInSite, serveSite } from '../site/serving.ts'
import { Site } from '../site/site.ts'
import type { EdgeSide } from './edge-side.ts'
import { Entrances, type Prepared } from './entrances.ts'

/** What the plane has and does for its site. */
export interface SiteServiceOptions {
  readonly house: House
  readonly clock: Clock
  /** Takes in the connections that come. */
  readonly edge: EdgeSide
  readonly reusePort: boolean
  /** Of several planes one has the Unix sockets. */
  readonly first: boolean
  /** The memory of the keys that all planes seal TLS tickets with. */
  readonly tickets: SharedArrayBuffer | null
  warn(message: string): void
}

export class SiteService {
  /** Null: nothing has been opened yet. */
  current: Site | null = null
  readonly #options: SiteServiceOptions
  readonly #entrances: Entrances
  #requests = 0

  constructor(options: SiteServiceOptions) {
    this.#options = options
    this.#entrances = new Entrances(this.#listenerHost(), options.reusePort, options.first, options.tickets)
  }

  /** Opens what the file names. Rejects with an Error for people. @param addresses ports that the system has chosen */
  async open(
    config: Config,
    zones: ZoneMemories,
    addresses: readonly Address[],
  ): Promise<readonly Listener[]> {
    const prepared = await this.prepare(config, zones, addresses)
    prepared.commit()
    return this.#entrances.listeners
  }

  /** Makes all ready that could fail. Rejects with an Error for people. */
  async prepare(config: Config, zones: ZoneMemories, addresses?: readonly Address[]): Promise<Prepared> {
    const former = this.current
    const next = this.#make(config.site!, zones)
    const entrances = await this.#entrances.prepare(config.site!, config, zones, addresses).catch(error => {
      void next.logs.close()
      throw error
    })
    return {
      commit: () => {
        this.current = next
        former?.caches.stop()
        if (this.#options.first) next.caches.keep()
        entrances.commit()
        void former?.logs.close()
      },
      abandon: () => {
        entrances.abandon()
        void next.logs.close()
      },
    }
  }

  #make(site: NonNullable<Config['site']>, zones: ZoneMemories): Site {
    const { warn } = this.#options
    const logs = new SiteLogs(site, { warn })
    // Until names are known nobody is believed by them.
    void lookUpBelieved(everySetting(site.servers)).then(problems => problems.forEach(warn))
    return new Site(site, logs, () => this.#counts(), zones, warn)
  }

  #listenerHost(): SiteListenerHost {
    const { clock, edge, warn } = this.#options
    const { connections } = edge
    return {
      clock,
      makeRoom: raw => edge.makeRoom(raw),
      newcomer: greeting => connections.greet(greeting),
      accept: (accepted, greeting) => {
        edge.add(accepted)
        if (greeting !== null) connections.greeted(greeting)
      },
      lost: (greeting, why) => {
        connections.greeted(greeting)
        if (why !== null) warn(`a connection was closed: ${why}`)
        edge.lost()
      },
    }
  }

  // — requests, each by the file as it is now

  serve(exchange: Exchange, head: RequestHead, framing: Framing, edge: EdgeConnection): Promise<void> {
    this.#requests++
    return serveSite(this.#options.house, this.current!, exchange, head, framing, edge)
  }

  /** Answers what could not be read as a request. */
  refuse(exchange: Exchange, failure: Failure, edge: EdgeConnection): Promise<void> {
    this.#requests++
    return refuseInSite(this.#options.house, this.current!, exchange, failure, edge)
  }

  #counts(): StubCounts {
    const { connections } = this.#options.edge
    const { idle, active, reading } = connections.count()
    const { accepted } = connections
    return {
      active: idle + active,
      accepted,
      handled: accepted,
      requests: this.#requests,
      reading,
      writing: active,
      waiting: idle - reading,
    }
  }

  reopenLogs(): void {
    this.current?.logs.reopen()
  }

  stopAccepting(): void {
    this.#entrances.close()
  }

  async close(): Promise<void> {
    this.current?.caches.stop()
    await this.current?.logs.close()
  }
}
