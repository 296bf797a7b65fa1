// Who the client is behind proxies that are believed (ngx_http_realip_module, ngx_http_get_forwarded_addr). Reads
// the request's fields; looks names up once, at the start.

import { lookup } from 'node:dns/promises'
import { SocketAddress } from 'node:net'
import type { Believed } from '../config/nginx/modules/real-ip.ts'
import { type AddressRange, isWithin, readPlainAddress, readRange, unmapped } from '../config/nginx/range.ts'
import type { Settings } from '../config/nginx/settings.ts'
import { type Forwarded, readForwarded } from '../script/forwarded-address.ts'
import type { Visit } from '../visit.ts'

type Named = Extract<Believed, { name: string }>

/** As many addresses of a chain as are looked at; each may cost a walk through all ranges. */
const MOST_HOPS = 64

type Find = (name: string) => Promise<readonly { readonly address: string }[]>
const lookUp: Find = name => lookup(name, { all: true })

/** What a name of `set_real_ip_from` stands for, by its entry in the settings; nobody until it is found. */
const found = new WeakMap<Named, { ranges: readonly AddressRange[]; readonly search: Promise<boolean> }>()

/**
 * Looks up the hosts that are believed by their names; else that is begun by the first request that asks. As in nginx they
 * stay what they were found to be.
 * @returns what could not be found, in words
 */
export async function lookUpBelieved(settings: Iterable<Settings>, find = lookUp): Promise<string[]> {
  const names = new Set<Named>()
  for (const { realIpFrom } of settings)
    for (const each of realIpFrom) if (typeof each === 'object' && 'name' in each) names.add(each)
  const searches = [...names].map(async entry => [entry.name, await known(entry, find).search] as const)
  const results = await Promise.all(searches)
  return results
    .filter(([, isFound]) => !isFound)
    .map(([name]) => `host not found in set_real_ip_from "${name}"`)
}

function known(entry: Named, find: Find) {
  let host = found.get(entry)
  if (host === undefined) {
    const search = find(entry.name).then(
      addresses => {
        host!.ranges = addresses.flatMap(({ address }) => readRange(address)?.range ?? [])
        return true
      },
      () => false,
    )
    host = { ranges: [], search }
    found.set(entry, host)
  }
  return host
}

/**
 * Takes the client's address from where the settings say, once for a request: it may be called at the server's settings
 * and again at the location's.
 */
export function applyRealIp(visit: Visit): void {
  const { realIpFrom, realIpHeader, realIpRecursive } = visit.settings
  const { main, connection } = visit
  if (realIpFrom.length === 0 || main.realClient !== null) return
  if (realIpHeader.kind === 'proxy protocol') {
    const { proxied } = connection
    if (proxied !== null && believes(realIpFrom, connection.peer))
      main.realClient = { address: written(proxied.peer), port: String(proxied.peerPort) }
    return
  }
  const { name } = realIpHeader
  // Only X-Forwarded-For may have several lines; of any other field the first one counts.
  const values = name === 'x-forwarded-for' ? main.headers.all(name) : [main.headers.get(name) ?? '']
  const chain = values.flatMap(value => value.split(/[ ,]+/)).filter(each => each !== '')
  main.realClient = clientIn(chain, connection.peer, realIpFrom, realIpRecursive)
}

// From the nearest to the farthest, as long as whoever named the next is believed. Without recursion one step.
function clientIn(
  chain: readonly string[],
  peer: string,
  believed: readonly Believed[],
  recursive: boolean,
): Forwarded | null {
  let client: Forwarded | null = null
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    const next = chain[chain.length - 1 - hops]
    if (next === undefined || !believes(believed, client?.address ?? peer)) break
    const read = readForwarded(next)
    if (read === null) break
    client = { ...read, address: written(read.address) }
    if (!recursive) break
  }
  return client
}

function believes(believed: readonly Believed[], peer: string): boolean {
  const isUnix = peer.startsWith('unix:')
  const address = isUnix ? null : readPlainAddress(peer)
  return believed.some(each => {
    if (each === 'unix') return isUnix
    if (address === null) return false
    return 'name' in each
      ? known(each, lookUp).ranges.some(range => isWithin(range, address))
      : isWithin(each, address)
  })
}

/** As addresses of connections are written (inet_ntop, and IPv4 as such), so that one client has one name in logs and limits. */
function written(address: string): string {
  if (address.includes(':')) return unmapped(new SocketAddress({ address, family: 'ipv6' }).address)
  return address.split('.').map(Number).join('.')
}
