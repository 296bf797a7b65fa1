// One try of a request at an upstream, as the variables and the log tell of it. Decides nothing.

import type { UpstreamGroup } from '../house.ts'
import type { UpstreamTry } from '../visit.ts'

/** A try of which nothing has come yet. @param apart it was passed on in another place before */
export function newTry(address: string, apart: boolean): UpstreamTry {
  return {
    address,
    apart,
    status: 0,
    connectMs: -1,
    headerMs: -1,
    responseMs: -1,
    bytesReceived: 0,
    bytesSent: 0,
    bodyBytes: 0,
  }
}

/**
 * Adds the try that begins. Where requests are held, an address that refuses is asked again and again: it is told once, by
 * the last time.
 */
export function addTry(tries: UpstreamTry[], next: UpstreamTry, held: boolean): void {
  const at = held && tries.length > 0 && !next.apart ? refusedAt(tries, next.address) : -1
  if (at === -1) {
    tries.push(next)
    return
  }
  const [gone] = tries.splice(at, 1)
  tries.push(next)
  // The first of its place is told apart from those of the place before.
  if (gone!.apart) tries[at] = Object.assign(tries[at]!, { apart: true })
}

/** Where in the same place that address did not come to a connection; -1: nowhere. */
function refusedAt(tries: readonly UpstreamTry[], address: string): number {
  const from = tries.findLastIndex(({ apart }) => apart)
  return tries.findIndex(
    (each, i) => i >= from && each.address === address && each.status !== 0 && each.connectMs === -1,
  )
}

/**
 * What stands in the place of a try where the group had no address to give: its name, as with nginx. Of a single server its
 * address, and of a name that a request worked out all of them, which nginx asks whether they are there or not.
 */
export function namesOfNobody({
  config: { name, named, servers },
  addresses,
}: Pick<UpstreamGroup, 'config' | 'addresses'>): readonly string[] {
  if (!named) return addresses
  return servers.length === 1 && addresses.length === 1 && !servers[0]!.down ? addresses : [name]
}
