// The addresses behind an upstream's name, as the system knows them: what each place there is called, and for how long
// that is to be believed. Each address is an upstream with slots of its own. Knows no connections.

import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { UpstreamConfig } from '../config/config.ts'
import type { Told } from './services.ts'
import type { Endpoint } from './upstream.ts'

/** How often a name is looked up again, in milliseconds; getaddrinfo tells no TTL, and its cache keeps to it. */
const LOOKUP_EVERY_MS = 5_000

/** One place that an upstream is found at. */
export interface Place {
  readonly name: string
  readonly endpoint: Endpoint | null
  /** What a record of its service says of it; absent: it is of none. */
  readonly told?: Told
}

/** What a lookup found, and for how many milliseconds that is to be believed. */
export interface Found {
  readonly places: readonly Place[]
  readonly goodForMs: number
}

/** One server listens behind both of localhost's addresses: two upstreams would count its workers twice. */
const LOCALHOST = '127.0.0.1'

/**
 * The places of an upstream that needs no lookup; null when it has a name.
 * @param asked name servers were named that are asked for `localhost` as well
 */
export function literalPlace({ name, address }: UpstreamConfig, asked = false): Place | null {
  if (address.kind === 'unix') return { name, endpoint: { path: address.path } }
  const host = address.host === 'localhost' && !asked ? LOCALHOST : address.host
  return isIP(host) === 0 ? null : { name, endpoint: { host, port: address.port } }
}

/**
 * Looks a name up. Settles with its places, or with the error's code. Of a name with addresses of both
 * families only those of IPv4 count: they lead to the same servers, whose workers would be counted twice.
 */
export function lookUp(upstream: UpstreamConfig): Promise<Found | string> {
  const { address } = upstream
  if (address.kind === 'unix') return Promise.resolve({ places: [], goodForMs: LOOKUP_EVERY_MS })
  const { host } = address
  return new Promise(resolve => {
    lookup(host, { all: true }, (error, found) => {
      if (error !== null) {
        resolve(error.code ?? error.message)
        return
      }
      const v4 = found.filter(({ family }) => family === 4)
      const addresses = (v4.length > 0 ? v4 : found).map(({ address: ip }) => ip).sort()
      resolve({ places: placesOf(upstream, addresses), goodForMs: LOOKUP_EVERY_MS })
    })
  })
}

/** A place at each of these addresses, with the upstream's own port. */
export function placesOf({ name, address }: UpstreamConfig, addresses: readonly string[]): Place[] {
  const port = address.kind === 'tcp' ? address.port : 0
  const told = toldApart(addresses.map(ip => (addresses.length === 1 ? name : `${name} (${ip})`)))
  return addresses.map((host, at) => ({ name: told[at]!, endpoint: { host, port } }))
}

/** Names as logs and metrics have them: of those that are the same, the second is `name #2`. */
export function toldApart(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map(name => {
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    return nth === 1 ? name : `${name} #${nth}`
  })
}

/** Where `localhost` is when a name server does not know it; null: another name. */
export function localPlaces(upstream: UpstreamConfig): Found | null {
  const { address } = upstream
  if (address.kind === 'unix' || address.host !== 'localhost') return null
  return { places: placesOf(upstream, [LOCALHOST]), goodForMs: LOOKUP_EVERY_MS }
}
