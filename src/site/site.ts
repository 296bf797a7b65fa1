// A site as one data plane serves it: what its file came to, made ready for requests. Built once for each reading of the
// file; requests that began in an older one end in it. Decides nothing: the phases do.

import { Limits, type ZoneMemories } from '../access/limits.ts'
import { Caches } from '../cache/caches.ts'
import { everySetting } from '../config/nginx/every-setting.ts'
import type { ServerConfig, SiteConfig } from '../config/nginx/site.ts'
import { HeaderList } from '../http1/headers.ts'
import type { SiteLogs } from '../observe/site-log.ts'
import type { LocalAnswer } from '../outcome.ts'
import { type StubCounts, stubStatus } from '../response/stub-status.ts'
import { LocationTree } from '../route/location-tree.ts'
import { namesAt, type ServerNames } from '../route/server-names.ts'
import { Scripts } from '../script/scripts.ts'
import { UpstreamTls } from '../upstream/upstream-tls.ts'
import type { SiteFacts, Text, Variable } from '../visit.ts'

export class Site implements SiteFacts {
  readonly config: SiteConfig
  readonly scripts: Scripts
  readonly limits: Limits
  readonly logs: SiteLogs
  readonly upstreamTls: UpstreamTls
  readonly caches: Caches
  readonly #names: readonly ServerNames[]
  readonly #trees = new Map<ServerConfig, LocationTree>()

  readonly #counts: () => StubCounts
  /** Some text asks for the request's body, which is kept at hand then. */
  readonly asksForBody: boolean

  /**
   * @param zones what limits count in and caches are known in, for all threads
   * @param warn tells the operator, once in a while
   */
  constructor(
    config: SiteConfig,
    logs: SiteLogs,
    counts: () => StubCounts,
    zones: ZoneMemories,
    warn: (message: string) => void,
  ) {
    this.config = config
    this.logs = logs
    this.#counts = counts
    this.scripts = new Scripts(config)
    this.upstreamTls = new UpstreamTls(everySetting(config.servers))
    this.asksForBody = JSON.stringify(config).includes('request_body')
    this.limits = new Limits(config.zones, null, zones)
    const error: SiteLogs['error'] = (level, message) => logs.error(level, message, null)
    this.caches = new Caches(config.caches, zones, {
      error: (level, message) => error(level, message, null),
      warn,
    })
    this.#names = config.listens.map(listen => namesAt(config, listen))
    for (const server of config.servers) this.#trees.set(server, new LocationTree(server.locations))
  }

  text(script: Parameters<SiteFacts['text']>[0]): Text {
    return this.scripts.text(script)
  }

  variable(name: string): Variable {
    return this.scripts.variable(name)
  }

  /** The server that a request for this host is for. @param listen the place in `config.listens` it came in by */
  serverFor(listen: number, host: string): ReturnType<ServerNames['find']> {
    return this.#names[listen]!.find(host)
  }

  /** Whether some server has this name there, by which servers are told apart. */
  hasName(listen: number, name: string): boolean {
    return this.#names[listen]!.has(name)
  }

  /** The server that a request is for while its host is not known. */
  defaultServer(listen: number): ServerConfig {
    return this.#names[listen]!.default
  }

  locationsOf(server: ServerConfig): LocationTree {
    return this.#trees.get(server)!
  }

  /** Client connections now. */
  connections(): StubCounts {
    return this.#counts()
  }

  /** The page of counts. */
  stubStatus(): LocalAnswer {
    const body = Buffer.from(stubStatus(this.#counts()), 'latin1')
    const headers = new HeaderList()
    headers.add('Content-Type', 'text/plain')
    const head = { status: 200, reason: '', headers, length: body.length, lastModified: null } as const
    return { head: { ...head, rangeable: false, passedOn: false, ownType: true }, body }
  }
}
