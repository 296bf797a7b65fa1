// Reads where `uwsgi_pass`, `fastcgi_pass`, `scgi_pass` and `memcached_pass` lead: an upstream block's name, or an address with a port, which
// is a group of its own.

import type { Family, Pass, Scheme } from './modules/proxy.ts'
import { groupOf } from './proxy-pass.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readUpstreamAddress } from './upstream-server.ts'

/** Stands in until it is known whether the name is a block's; what is none must have a port of its own. */
const NO_PORT = 80

/** Reads the directive of one protocol; undefined: it was reported. */
export function readGatewayPass(
  family: Exclude<Family, 'http'>,
): (node: DirectiveNode, reading: Reading) => Pass | undefined {
  return ({ args, at }, reading) => {
    const url = args[0]!
    // Where memcached is asked nginx knows no variables.
    if (url.includes('$') && family !== 'memcached')
      return { kind: 'computed', family, url: { text: url, at } }
    const { scheme, host } = splitScheme(family, url)
    const address = readUpstreamAddress(host, NO_PORT)
    if (typeof address === 'string') {
      reading.problem(`${address} in upstream "${host}"`, at)
      return undefined
    }
    return { kind: 'group', family, scheme, host, uri: null, group: groupOf(host, false, address, at) }
  }
}

/** Of uwsgi alone nginx knows schemes; elsewhere what looks like one is a part of the host. */
export function splitScheme(family: Exclude<Family, 'http'>, url: string): { scheme: Scheme; host: string } {
  const [, scheme, host] = (family === 'uwsgi' && /^(s?uwsgi):\/\/(.+)$/is.exec(url)) || []
  if (scheme === undefined || host === undefined) return { scheme: family, host: url }
  return { scheme: scheme.toLowerCase() as Scheme, host }
}
