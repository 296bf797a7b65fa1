// One try of a request at an upstream, as the variables and the log tell of it. Decides nothing.

import { formatAddress } from '../config/addresses.ts'
import type { GroupConfig, GroupServer } from '../config/nginx/site.ts'
import type { UpstreamTry } from '../visit.ts'

/** A try of which nothing has come yet. @param apart it was passed on in another place before */
export function newTry(address: string, apart: boolean): UpstreamTry {
  const none = { connectMs: -1, headerMs: -1, responseMs: -1, bytesReceived: 0, bytesSent: 0, bodyBytes: 0 }
  return { address, apart, status: 0, ...none }
}

/**
 * What stands in the place of an address where the group had none to give: its name; of a single server its address, which
 * nginx asks whether it is there or not. Null: not even that is known (a name that a request worked out).
 */
export function nameOfNobody({ name, named, servers }: GroupConfig): string | null {
  const [server, ...others] = servers as readonly [GroupServer, ...GroupServer[]]
  if (!named && server.resolve) return null
  return others.length > 0 || server.down ? name : formatAddress(server.address)
}
