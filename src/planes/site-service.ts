// The site that a plane serves, as its file was read last: made ready before it takes the former one's place, which goes
// on for the requests that began in it; and where it listens.

import type { ZoneMemories } from '../access/limits.ts'
import { lookUpBelieved } from '../access/real-ip.ts'
import type { Address, Config } from '../config/config.ts'
import { everySetting } from '../config/nginx/every-setting.ts'
import type { Listener } from '../listen/listener.ts'
import type { SiteListenerHost } from '../listen/site-listener.ts'
import { SiteLogs } from '../observe/site-log.ts'
import type { StubCounts } from '../response/stub-status.ts'
import { Site } from '../site/site.ts'
import { Entrances, type Prepared } from './entrances.ts'

export interface SiteServiceOptions {
  readonly host: SiteListenerHost
  readonly reusePort: boolean
  /** Of several planes one has the Unix sockets. */
  readonly first: boolean
  warn(message: string): void
  counts(): StubCounts
}

export class SiteService {
  /** Null: flags alone say what is served. */
  current: Site | null = null
  readonly #options: SiteServiceOptions
  readonly #entrances: Entrances

  constructor(options: SiteServiceOptions) {
    this.#options = options
    this.#entrances = new Entrances(options.host, options.reusePort, options.first)
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
    const entrances = await this.#entrances.prepare(config.site!, config, addresses).catch(error => {
      void next.logs.close()
      throw error
    })
    return {
      commit: () => {
        this.current = next
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
    const { warn, counts } = this.#options
    const logs = new SiteLogs(site, { warn })
    // Until names are known nobody is believed by them.
    void lookUpBelieved(everySetting(site.servers)).then(problems => problems.forEach(warn))
    return new Site(site, logs, counts, zones)
  }

  reopenLogs(): void {
    this.current?.logs.reopen()
  }

  stopAccepting(): void {
    this.#entrances.close()
  }

  async close(): Promise<void> {
    await this.current?.logs.close()
  }
}
