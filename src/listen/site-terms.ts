// The terms of TLS of all servers of a site: read with the file, so that what is wrong is told at once and a handshake
// waits for no disk, unless variables say which certificate it gets. Chooses no server by itself: which one a name means
// is told by whoever knows names.

import type { SessionCache } from '../config/nginx/modules/tls.ts'
import { isConstant, type PemPath, resolvePem } from '../config/nginx/pem-path.ts'
import type { ServerConfig, SiteConfig } from '../config/nginx/site.ts'
import type { Remark } from '../config/nginx/tree.ts'
import { PemFiles } from '../tls/pem-files.ts'
import { type Handshake, HandshakeTexts } from './handshake-texts.ts'
import { sessionZones, type TlsMemory } from './tls-sessions.ts'
import { readConstant, ServerTerms, TlsFileError, type TlsTerms } from './tls-terms.ts'

/** Of certificates that variables name so many are kept ready; clients may ask for any number. */
const REMEMBERED = 256

/** One server whose certificates variables name. */
interface Variable {
  readonly terms: ServerTerms
  readonly files: PemFiles
  /** By what was read. */
  readonly ready: Map<string, TlsTerms>
}

export class SiteTerms {
  readonly #site: SiteConfig
  readonly #fixed = new Map<ServerConfig, TlsTerms>()
  readonly #variable = new Map<ServerConfig, Variable>()
  readonly #texts: HandshakeTexts | null

  /**
   * @param memory what all threads share
   * @throws TlsFileError
   */
  constructor(site: SiteConfig, memory: TlsMemory = memoryFor(site)) {
    this.#site = site
    for (const server of securedServers(site)) {
      const terms = new ServerTerms(server, memory)
      if (hasVariables(server)) {
        const files = new PemFiles(server.settings.tlsCertificateCache)
        this.#variable.set(server, { terms, files, ready: new Map() })
      } else this.#fixed.set(server, terms.with(terms.read(readConstant)))
    }
    this.#texts = this.#variable.size === 0 ? null : new HandshakeTexts(site)
  }

  /**
   * What a listener asks with each handshake; it throws a TlsFileError where the certificate is not there.
   * @param choose the server that a name means there
   */
  chooser(place: number, choose: (serverName: string) => ServerConfig): (handshake: Handshake) => TlsTerms {
    const standard = this.#site.servers[this.#site.listens[place]!.servers[0]!]!
    return handshake => {
      const { serverName } = handshake.hello
      const server = serverName === '' ? standard : choose(serverName)
      // One without a certificate of its own is served with that of the default server, as nginx does.
      return hasTerms(server)
        ? this.#termsOf(server, handshake)
        : { ...this.#termsOf(standard, handshake), server }
    }
  }

  #termsOf(server: ServerConfig, handshake: Handshake): TlsTerms {
    const fixed = this.#fixed.get(server)
    if (fixed !== undefined) return fixed
    const { terms, files, ready } = this.#variable.get(server)!
    const textOf = this.#texts!.of(server, handshake)
    const pems = terms.read((path, what) =>
      files.read(resolvePem(path, isConstant(path) ? path.path.text : textOf(path.path)), what),
    )
    // A context is costly to make, and the same for the same files.
    const key = [...pems.values()].map(({ mark }) => mark).join('\n')
    let made = ready.get(key)
    if (made === undefined) {
      made = terms.with(pems)
      if (ready.size >= REMEMBERED) ready.clear()
      ready.set(key, made)
    }
    return made
  }
}

const NOTHING_SHARED: TlsMemory = { tickets: null, zones: {} }

/** What one thread alone needs. */
function memoryFor(site: SiteConfig): TlsMemory {
  return { tickets: null, zones: sessionZones(cachesOf(site), {}) }
}

/** `ssl_session_cache` of the servers that a handshake may come to. */
export function cachesOf(site: SiteConfig): (SessionCache | null)[] {
  return securedServers(site).map(({ settings }) => settings.tlsSessionCache)
}

function hasTerms({ settings }: ServerConfig): boolean {
  return settings.tlsCertificates.length > 0 || settings.tlsRejects
}

function pemsOf({ settings }: ServerConfig): readonly PemPath[] {
  return [...settings.tlsCertificates, ...settings.tlsKeys]
}

/** Whether certificates are chosen anew with each handshake. */
function hasVariables(server: ServerConfig): boolean {
  return !pemsOf(server).every(isConstant)
}

/** The servers that a handshake may come to. */
function securedServers({ listens, servers }: SiteConfig): ServerConfig[] {
  const places = new Set(listens.filter(({ ssl }) => ssl).flatMap(listen => listen.servers))
  return servers.filter((server, place) => places.has(place) && hasTerms(server))
}

/** What is wrong with a site's certificates, in words for people. */
export function checkTerms(site: SiteConfig): Remark[] {
  const remarks = new Map<string, Remark>()
  const say = (message: string, at: Remark['at'], level: Remark['level'] = 'emerg'): void => {
    remarks.set(message, { level, message, at })
  }
  for (const server of securedServers(site)) {
    try {
      const terms = new ServerTerms(server, NOTHING_SHARED)
      if (!hasVariables(server)) terms.with(terms.read(readConstant))
    } catch (error) {
      if (!(error instanceof TlsFileError)) throw error
      say(error.message, error.at)
    }
    if (!hasVariables(server)) continue
    const texts = new HandshakeTexts(site)
    for (const { path } of pemsOf(server).filter(each => !isConstant(each))) {
      const unknown = unknownIn(texts, path)
      if (unknown !== null)
        say(
          `the certificate "${path.text}" depends on "$${unknown}", which is not known before the handshake; use $ssl_server_name or the addresses, or a "map" or "geo" of them`,
          path.at,
        )
      else if (/\$\{?host\b/i.test(path.text))
        say(
          `"$host" is the server's own name, "${server.name}", before the handshake, as in nginx: "${path.text}" is one file for all; use $ssl_server_name for the name that is asked for`,
          path.at,
          'warn',
        )
    }
  }
  return [...remarks.values()]
}

/** Texts that cannot be read are told of by whoever compiles them. */
function unknownIn(texts: HandshakeTexts, script: PemPath['path']): string | null {
  try {
    return texts.unknownIn(script)
  } catch {
    return null
  }
}
