// The places of a site where one plane listens: opened with the first file, and changed with each later one so that
// nothing is lost. What a new file keeps stays open, what it adds is bound before anything else is closed, and a file
// that cannot be honoured changes nothing.

import type { ZoneMemories } from '../access/limits.ts'
import type { Address, Config } from '../config/config.ts'
import type { ListenConfig, SiteConfig } from '../config/nginx/site.ts'
import { EdgeFacts } from '../listen/connection-facts.ts'
import type { EdgeLimits } from '../listen/edge-host.ts'
import type { Entrance } from '../listen/entrance.ts'
import { hostOf, seat } from '../listen/guests.ts'
import type { Listener } from '../listen/listener.ts'
import { guestListener, listenAt, type SiteListenerHost } from '../listen/site-listener.ts'
import { SiteTerms } from '../listen/site-terms.ts'
import { namesAt } from '../route/server-names.ts'

interface Open {
  readonly entrance: Entrance
  readonly listener: Listener
}

/** New settings that can be taken on: everything that could fail has been done. */
export interface Prepared {
  /** At once; where several threads have to, it settles when all have. */
  commit(): void | Promise<void>
  /** Nothing of it is wanted after all. */
  abandon(): void
}

export class Entrances {
  #open = new Map<string, Open>()
  readonly #host: SiteListenerHost
  readonly #reusePort: boolean
  readonly #unix: boolean
  readonly #tickets: SharedArrayBuffer | null

  /**
   * @param unix whether Unix sockets are opened here: of several planes one has them
   * @param tickets the memory of the keys that all planes seal TLS tickets with
   */
  constructor(host: SiteListenerHost, reusePort: boolean, unix: boolean, tickets: SharedArrayBuffer | null) {
    this.#host = host
    this.#reusePort = reusePort
    this.#unix = unix
    this.#tickets = tickets
  }

  /** In the order of the file. */
  get listeners(): readonly Listener[] {
    const all = [...this.#open.values()].sort((a, b) => a.entrance.place - b.entrance.place)
    return all.map(({ listener }) => listener)
  }

  /**
   * Binds what is new. Rejects with an Error for people, and has then closed it again.
   * @param addresses where to listen in place of what the file says: ports that the system has chosen
   */
  async prepare(
    site: SiteConfig,
    config: Config,
    zones: ZoneMemories,
    addresses?: readonly Address[],
  ): Promise<Prepared> {
    const memory = { tickets: this.#tickets, zones }
    const terms = site.listens.some(({ ssl }) => ssl) ? new SiteTerms(site, memory) : null
    const fresh = new Map<string, Open>()
    const kept: { readonly key: string; readonly open: Open; readonly next: Entrance }[] = []
    const all = site.listens.flatMap((written, place) => {
      if (written.address.kind === 'unix' && !this.#unix) return []
      const listen = { ...written, address: addresses?.[place] ?? written.address }
      return [entranceOf(site, config, place, listen, terms)]
    })
    seat(all, site.listens)
    try {
      for (const next of all) {
        const isGuest = hostOf(site.listens, next.place) !== -1
        const own = keyOf(site.listens[next.place]!, next.place)
        const key = isGuest ? `guest ${own}` : own
        const open = this.#open.get(key)
        if (open !== undefined) kept.push({ key, open, next })
        else {
          const listener = isGuest ? guestListener(next) : await listenAt(next, this.#host, this.#reusePort)
          fresh.set(key, { entrance: next, listener })
        }
      }
    } catch (error) {
      for (const { listener } of fresh.values()) listener.close()
      throw error
    }
    return {
      commit: () => {
        for (const { open, next } of kept) Object.assign(open.entrance, next)
        const all = new Map([...kept.map(({ key, open }) => [key, open] as const), ...fresh])
        for (const [key, { entrance, listener }] of this.#open) {
          if (all.has(key)) continue
          entrance.closed = true
          listener.close()
        }
        this.#open = all
        // Those that are kept know one another still, and not what has taken their words.
        seat(
          [...all.values()].map(({ entrance }) => entrance),
          site.listens,
        )
      },
      abandon: () => {
        for (const { listener } of fresh.values()) listener.close()
      },
    }
  }

  close(): void {
    for (const { listener } of this.#open.values()) listener.close()
  }
}

/** Two lines of files mean the same socket. */
function keyOf({ address, ipv6only }: ListenConfig, place: number): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  // A port that the system chooses is another one each time.
  return `${address.host} ${address.port || `any ${place}`} ${ipv6only}`
}

function entranceOf(
  site: SiteConfig,
  config: Config,
  place: number,
  listen: ListenConfig,
  terms: SiteTerms | null,
): Entrance {
  const { servers, listens } = site
  const secure = listen.ssl && terms !== null
  const names = secure ? namesAt(site, listens[place]!) : null
  return {
    place,
    listen,
    limits: limitsOf(
      listens[place]!.servers.map(server => servers[server]!.settings),
      config,
    ),
    terms: secure ? terms.chooser(place, name => names!.find(name).server) : null,
    facts: (edge, arrived) => new EdgeFacts(edge, arrived),
    guests: null,
    closed: false,
  }
}

/**
 * What holds on a connection until a request says more: as its default server has it, else as the flags do. Of a head the
 * fields may be as long as any of its servers lets them be, until it is known whose they are.
 */
function limitsOf(all: readonly SiteConfig['servers'][number]['settings'][], config: Config): EdgeLimits {
  const settings = all[0]!
  return {
    maxHeader: Math.max(...all.map(({ maxHeader }) => maxHeader)),
    maxHeaderLine: Math.max(...all.map(({ maxHeaderLines }) => maxHeaderLines)),
    maxRequestLine: settings.maxHeaderLines,
    bareLf: settings.shieldBareLf,
    keepaliveTimeout: settings.keepaliveTimeout ?? config.keepaliveTimeout,
    headerTimeout: settings.headerTimeout,
    bodyTimeout: settings.bodyTimeout,
    sendTimeout: settings.sendTimeout,
  }
}
