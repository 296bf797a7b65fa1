// Names asked of given name servers, as nginx's `resolver` has it: their addresses, the records' own time to live or the
// one that `valid=` says, and which families. It never looks into /etc/hosts, nor does nginx. Knows no connections.

import type { RecordWithTtl } from 'node:dns'
import { NODATA, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { UpstreamConfig } from '../config/config.ts'
import { readTime } from '../config/nginx/units.ts'
import { type Found, localPlaces, lookUp, placesOf } from './names.ts'

/** A record that is good for less is asked for no more often than this, in milliseconds. */
const LEAST_MS = 1_000
/** What one question may take, and how often it is put. */
const TIMEOUT_MS = 5_000
const TRIES = 3
/** What a name may take in all where nothing is said of it: nginx's own. */
const USUAL_MS = 30_000
/** A name that leads to another, that to a third, and so on: nginx's bound. */
const MOST_ALIASES = 50

export class NameServers {
  readonly #servers: string[] = []
  readonly #valid: number | null = null
  readonly #timeout: number = USUAL_MS
  readonly #families: { readonly v4: boolean; readonly v6: boolean }
  #resolver: Promise<Resolver> | null = null
  #opened = false

  /** @param words the words of the directive: addresses with or without a port, `valid=30s`, `ipv6=off`, `timeout=30s` */
  constructor(words: readonly string[]) {
    const families = { v4: true, v6: true }
    for (const word of words) {
      const [, key, value] = /^(valid|ipv4|ipv6|status_zone|timeout)=(.*)$/.exec(word) ?? []
      if (key === undefined) this.#servers.push(word)
      else if (key === 'valid') this.#valid = readTime(value!)
      else if (key === 'timeout') this.#timeout = readTime(value!) ?? USUAL_MS
      else if (key === 'ipv4') families.v4 = value !== 'off'
      else if (key === 'ipv6') families.v6 = value !== 'off'
    }
    this.#families = families
  }

  /** Settles with the name's places, or with the error's code. IPv4 first, as one server listens behind both. */
  async lookUp(upstream: UpstreamConfig): Promise<Found | string> {
    const inTime = new AbortController()
    const late = setTimeout(this.#timeout, 'ETIMEOUT', { signal: inTime.signal, ref: false }).catch(() => '')
    const found = await Promise.race([this.#find(upstream), late])
    inTime.abort()
    return typeof found === 'string' ? (localPlaces(upstream) ?? found) : found
  }

  async #find(upstream: UpstreamConfig): Promise<Found | string> {
    const { address } = upstream
    if (address.kind === 'unix') return lookUp(upstream)
    try {
      const resolver = await (this.#resolver ??= this.#open())
      const records = await this.#ask(resolver, address.host)
      const addresses = records.map(record => record.address).sort()
      const ttl = Math.min(...records.map(record => record.ttl)) * 1_000
      return { places: placesOf(upstream, addresses), goodForMs: Math.max(LEAST_MS, this.#valid ?? ttl) }
    } catch (error) {
      // A name server that was not to be found itself is looked for again.
      if (!this.#opened) this.#resolver = null
      const { code, message } = error as NodeJS.ErrnoException
      return code ?? message
    }
  }

  // Where only an alias comes back, as from servers that know no more than their own, the name behind it is asked for.
  async #ask(resolver: Resolver, host: string): Promise<RecordWithTtl[]> {
    for (let name = host, aliases = 0; aliases <= MOST_ALIASES; aliases++) {
      const records = await this.#records(resolver, name)
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
    resolver.setServers(servers.flat())
    this.#opened = true
    return resolver
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
