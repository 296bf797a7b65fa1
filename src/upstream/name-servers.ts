// Names asked of given name servers, as nginx's `resolver` has it: their addresses, the records' own time to live or the
// one that `valid=` says, and which families; and servers of a service (`service=`). It never looks into /etc/hosts, nor does
// nginx. Knows no connections.

import type { RecordWithTtl, SrvRecord } from 'node:dns'
import { NODATA, NOTFOUND, Resolver, TIMEOUT } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { UpstreamConfig } from '../config/config.ts'
import { readTime } from '../config/nginx/units.ts'
import { type Found, localPlaces, lookUp, type Place, placesOf } from './names.ts'
import { placesOfService, serviceName } from './services.ts'

/** A record that is good for less is asked for no more often than this, in milliseconds. */
const LEAST_MS = 1_000
/** What one question may take, and how often it is put. */
const TIMEOUT_MS = 5_000
const TRIES = 3
/** What a name may take in all where nothing is said of it: nginx's own. */
const USUAL_MS = 30_000
/** The longest that Node waits; of more it makes a millisecond. */
const LONGEST_MS = 2 ** 31 - 1
/** A name that leads to another, that to a third, and so on: nginx's bound. */
const MOST_ALIASES = 50

/** Who is looked for: a name, or the servers of a service there. */
export interface Sought extends UpstreamConfig {
  readonly service?: string | null
}

export class NameServers {
  readonly #servers: string[] = []
  readonly #valid: number | null = null
  readonly #timeout: number = USUAL_MS
  readonly #families: { readonly v4: boolean; readonly v6: boolean }
  #resolver: Promise<Resolver> | null = null
  #opened = false

  /**
   * @param words the words of the directive: addresses with or without a port, `valid=30s`, `ipv6=off`, `timeout=30s`;
   *   without an address the system's own name servers are asked
   */
  constructor(words: readonly string[]) {
    const families = { v4: true, v6: true }
    for (const word of words) {
      const [, key, value] = /^(valid|ipv4|ipv6|status_zone|timeout)=(.*)$/.exec(word) ?? []
      if (key === undefined) this.#servers.push(word)
      else if (key === 'valid') this.#valid = readTime(value!)
      else if (key === 'timeout') this.#timeout = Math.min(readTime(value!) ?? USUAL_MS, LONGEST_MS)
      else if (key === 'ipv4') families.v4 = value !== 'off'
      else if (key === 'ipv6') families.v6 = value !== 'off'
    }
    this.#families = families
  }

  /** Settles with the name's places, or with the error's code. IPv4 first, as one server listens behind both. */
  async lookUp(upstream: Sought): Promise<Found | string> {
    const inTime = new AbortController()
    const late = setTimeout(this.#timeout, 'ETIMEOUT', { signal: inTime.signal, ref: false }).catch(() => '')
    const found = await Promise.race([this.#insist(upstream, inTime.signal), late])
    inTime.abort()
    if (typeof found !== 'string' || upstream.service) return found
    return localPlaces(upstream) ?? found
  }

  // c-ares goes by how quick its servers were of late: after a few quick answers it gives one up within three seconds.
  async #insist(upstream: Sought, over: AbortSignal): Promise<Found | string> {
    for (;;) {
      const found = await this.#find(upstream)
      if (found !== TIMEOUT || over.aborted) return found
    }
  }

  async #find(upstream: Sought): Promise<Found | string> {
    const { address, service } = upstream
    if (address.kind === 'unix') return lookUp(upstream)
    try {
      const resolver = await (this.#resolver ??= this.#open())
      if (service) return await this.#findService(resolver, upstream.name, serviceName(service, address.host))
      const records = await this.#addresses(resolver, address.host)
      return this.#found(placesOf(upstream, records.map(record => record.address).sort()), records)
    } catch (error) {
      // A name server that was not to be found itself is looked for again.
      if (!this.#opened) this.#resolver = null
      const { code, message } = error as NodeJS.ErrnoException
      return code ?? message
    }
  }

  #found(places: readonly Place[], records: readonly RecordWithTtl[]): Found {
    const ttl = Math.min(...records.map(record => record.ttl)) * 1_000
    return { places, goodForMs: Math.max(LEAST_MS, this.#valid ?? ttl) }
  }

  async #findService(resolver: Resolver, name: string, service: string): Promise<Found> {
    const servers = await this.#ask(resolver, service, at => none(resolver.resolveSrv(at), [NODATA]))
    const all: RecordWithTtl[] = []
    const of = new Map<string, string[]>()
    await Promise.all(
      servers.map(async ({ name: server }: SrvRecord) => {
        // Of a server that nobody knows the others are not the worse.
        const records = await none(this.#addresses(resolver, server), [NODATA, NOTFOUND])
        all.push(...records)
        of.set(server, records.map(({ address }) => address).sort())
      }),
    )
    if (all.length === 0) throw Object.assign(new Error(`${service} has no addresses`), { code: NODATA })
    return this.#found(placesOfService(name, servers, of), all)
  }

  #addresses(resolver: Resolver, host: string): Promise<RecordWithTtl[]> {
    return this.#ask(resolver, host, name => this.#records(resolver, name))
  }

  // Where only an alias comes back, as from servers that know no more than their own, the name behind it is asked for.
  async #ask<T>(resolver: Resolver, host: string, ask: (name: string) => Promise<T[]>): Promise<T[]> {
    for (let name = host, aliases = 0; aliases <= MOST_ALIASES; aliases++) {
      const records = await ask(name)
      if (records.length > 0) return records
      name = (await resolver.resolveCname(name))[0]!
    }
    throw Object.assign(new Error(`${host} leads to too many other names`), { code: 'ELOOP' })
  }

  // None: there is an alias only. As with nginx, what a server fails to say of IPv4 is not made up for by IPv6.
  async #records(resolver: Resolver, host: string): Promise<RecordWithTtl[]> {
    const { v4, v6 } = this.#families
    try {
      if (v4) return await resolver.resolve4(host, { ttl: true })
    } catch (error) {
      if (!v6 || (error as NodeJS.ErrnoException).code !== NODATA) throw error
    }
    return await resolver.resolve6(host, { ttl: true })
  }

  async #open(): Promise<Resolver> {
    const servers = await Promise.all(this.#servers.map(addressOf))
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
    if (servers.length > 0) resolver.setServers(servers.flat())
    this.#opened = true
    return resolver
  }
}

/** That there is none, in these words, is an answer like any other. */
async function none<T>(records: Promise<T[]>, codes: readonly string[]): Promise<T[]> {
  try {
    return await records
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** A name server's own address; one that is named, as in clusters, is looked up by the system. */
async function addressOf(server: string): Promise<string[]> {
  const [, bracketed, name, port] =
    /^(?:\[([^\]]+)\]|([^:]+|[^:]*(?::[^:]*){2,}))(?::(\d+))?$/.exec(server) ?? []
  const host = bracketed ?? name ?? server
  const written = (ip: string) =>
    port === undefined ? ip : isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`
  if (isIP(host) !== 0) return [written(host)]
  const found = await lookUp({ name: host, address: { kind: 'tcp', host, port: Number(port ?? 53) } })
  if (typeof found === 'string') throw Object.assign(new Error(found), { code: found })
  return found.places.flatMap(({ endpoint }) =>
    endpoint !== null && 'host' in endpoint ? written(endpoint.host) : [],
  )
}
