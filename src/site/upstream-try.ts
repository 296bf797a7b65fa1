// One try of a request at an upstream, as the variables and the log tell of it. Decides nothing.

import type { UpstreamGroup } from '../house.ts'
import type { UpstreamTry } from '../visit.ts'

/** A try of which nothing has come yet. @param apart it was passed on in another place before */
export function newTry(address: string, apart: boolean): UpstreamTry {
  const none = { connectMs: -1, headerMs: -1, responseMs: -1, bytesReceived: 0, bytesSent: 0, bodyBytes: 0 }
  return { address, apart, status: 0, ...none }
}

/**
 * Adds the try that begins. Where requests are held, an address that refuses is asked again and again: it is told once, by
 * the last time.
 */
export function addTry(tries: UpstreamTry[], next: UpstreamTry, held: boolean): void {
  const here = next.apart
    ? tries.length
    : Math.max(
        0,
        tries.findLastIndex(({ apart }) => apart),
      )
  const at = held
    ? tries.findIndex((each, i) => i >= here && each.address === next.address && refused(each))
    : -1
  if (at === -1) {
    tries.push(next)
    return
  }
  const [gone] = tries.splice(at, 1)
  tries.push(next)
  // The first of its place is told apart from those of the place before.
  if (gone!.apart) tries[at] = Object.assign(tries[at]!, { apart: true })
}

/** It did not come to a connection. */
function refused({ status, connectMs }: UpstreamTry): boolean {
  return status !== 0 && connectMs === -1
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
