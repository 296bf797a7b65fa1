// Who may ask the admin listener what. The listener has no password, so it trusts the machine it runs on and
// nothing that a web page in somebody's browser could send. Pure: decides from facts, touches no socket.

import { BlockList, isIP } from 'node:net'

/** What a request to the admin listener shows of itself. */
export interface Asked {
  readonly path: string
  /** The `Host` field; undefined when there was none. */
  readonly host: string | undefined
  /** The `Origin` field, which browsers add; undefined when there was none. */
  readonly origin: string | undefined
  /** The other end's address; undefined on a Unix socket. */
  readonly peer: string | undefined
  /** The host part of the address listened on; null for a Unix socket. */
  readonly bound: string | null
}

/** What probes and scrapers need from anywhere. A kubelet asks by the pod's address, so any Host will do. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** IPv4 addresses that a dual-stack socket shows as IPv6 ones count as what they are. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  const family = isIP(plain)
  return family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** Why a request is refused, in one sentence, or null when it is not. */
export function refusal(asked: Asked): string | null {
  const unix = asked.bound === null
  // A page elsewhere may send requests here through its visitor's browser: those carry an Origin.
  if (asked.origin !== undefined && !(ownHost(asked) && asked.origin === `http://${asked.host}`)) {
    return 'Requests from web pages of another origin are refused.'
  }
  if (OPEN_PATHS.has(asked.path)) return null
  if (!unix && (asked.peer === undefined || !isLoopback(asked.peer))) {
    return 'From beyond this machine only /healthz, /readyz and /metrics are served; ask from loopback or through a Unix socket.'
  }
  // A name that was made to point to loopback (DNS rebinding) shows in Host.
  if (!unix && !ownHost(asked)) {
    return 'The Host of this request is not an address of this listener; ask for localhost or 127.0.0.1.'
  }
  return null
}

/** Whether Host is a name that no foreign DNS can give: `localhost`, a loopback literal, or the bound address. */
function ownHost({ host, bound }: Asked): boolean {
  if (host === undefined) return false
  const name = withoutPort(host.toLowerCase())
  if (name === null) return false
  return name === 'localhost' || isLoopback(name) || (bound !== null && name === bound.toLowerCase())
}

function withoutPort(host: string): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::\d{1,5})?$/.exec(host)
  return parts === null ? null : (parts[1] ?? parts[2] ?? null)
}
