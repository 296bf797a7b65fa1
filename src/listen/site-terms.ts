// The terms of TLS of all servers of a site: read with the file, so that what is wrong is told at once and a handshake
// waits for no disk. Chooses none by itself: which server a name means is told by whoever knows names.

import type { ServerConfig, SiteConfig } from '../config/nginx/site.ts'
import type { Remark } from '../config/nginx/tree.ts'
import { dependsOnName, makeTerms, TlsFileError, type TlsTerms } from './tls-terms.ts'

/** Of certificates that are chosen by name so many are kept; clients may ask for any number. */
const REMEMBERED = 256

export class SiteTerms {
  readonly #site: SiteConfig
  readonly #of = new Map<ServerConfig, TlsTerms>()
  readonly #byName = new Map<string, TlsTerms>()

  /** @throws TlsFileError */
  constructor(site: SiteConfig) {
    this.#site = site
    for (const server of securedServers(site))
      if (!dependsOnName(server)) this.#of.set(server, makeTerms(server))
  }

  /**
   * What a listener asks with the name of each handshake.
   * @param choose the server that a name means there
   */
  chooser(place: number, choose: (serverName: string) => ServerConfig): (serverName: string) => TlsTerms {
    const standard = this.#site.servers[this.#site.listens[place]!.servers[0]!]!
    return serverName => {
      const server = serverName === '' ? standard : choose(serverName)
      // One without a certificate of its own is served with that of the default server, as nginx does.
      return hasTerms(server)
        ? this.#termsOf(server, serverName)
        : { ...this.#termsOf(standard, serverName), server }
    }
  }

  #termsOf(server: ServerConfig, serverName: string): TlsTerms {
    const fixed = this.#of.get(server)
    if (fixed !== undefined) return fixed
    const key = `${this.#site.servers.indexOf(server)} ${serverName}`
    let terms = this.#byName.get(key)
    if (terms === undefined) {
      terms = makeTerms(server, serverName)
      if (this.#byName.size >= REMEMBERED) this.#byName.clear()
      this.#byName.set(key, terms)
    }
    return terms
  }
}

function hasTerms({ settings }: ServerConfig): boolean {
  return settings.tlsCertificates.length > 0 || settings.tlsRejects
}

/** The servers that a handshake may come to. */
function securedServers({ listens, servers }: SiteConfig): ServerConfig[] {
  const places = new Set(listens.filter(({ ssl }) => ssl).flatMap(listen => listen.servers))
  return servers.filter((server, place) => places.has(place) && hasTerms(server))
}

/** What is wrong with the files of a site's certificates, in words for people. */
export function checkTerms(site: SiteConfig): Remark[] {
  const remarks = new Map<string, Remark>()
  for (const server of securedServers(site)) {
    if (dependsOnName(server)) continue
    try {
      makeTerms(server)
    } catch (error) {
      if (!(error instanceof TlsFileError)) throw error
      const { message, at } = error
      remarks.set(message, { level: 'emerg', message, at })
    }
  }
  return [...remarks.values()]
}
