// Reads where `proxy_pass` leads: an upstream block's name, or an address, which is a group of its own.

import type { Address } from '../config.ts'
import type { GroupConfig } from './group-config.ts'
import type { LocationDraft } from './modules/blocks.ts'
import type { Pass } from './modules/proxy.ts'
import { NOTHING_SAID } from './modules/shield.ts'
import type { Level, Reading } from './table.ts'
import type { At, DirectiveNode } from './tree.ts'
import { readUpstreamAddress, USUAL } from './upstream-server.ts'

// ngx_http_proxy_pass: scheme, then up to the first slash whom, then what takes the place of the location's path.
export function readPass(node: DirectiveNode, reading: Reading, level: Level): Pass | undefined {
  const url = node.args[0]!
  if (url.includes('$')) return { kind: 'computed', family: 'http', url: { text: url, at: node.at } }
  const [, scheme, rest] = /^(https?):\/\/(.*)$/i.exec(url) ?? []
  if (scheme === undefined || rest === undefined) {
    reading.problem('invalid URL prefix', node.at)
    return undefined
  }
  const parts = splitTarget(rest)
  const secure = scheme.toLowerCase() === 'https'
  const { host, uri } = parts
  const address = readUpstreamAddress(host, secure ? 443 : 80)
  if (typeof address === 'string') {
    reading.problem(`${address} in upstream "${rest}"`, node.at)
    return undefined
  }
  if (uri !== null && !hasPrefix(level)) {
    reading.problem(
      '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
      node.at,
    )
    return undefined
  }
  const group = groupOf(host, secure, address, node.at)
  return { kind: 'group', family: 'http', scheme: secure ? 'https' : 'http', host, uri, group }
}

/** There is a part of the path that a URI can take the place of. */
function hasPrefix(level: Level): boolean {
  const kind = (level.own as LocationDraft).match?.kind
  return level.context === 'location' && kind !== 'regex' && kind !== 'predicate' && kind !== 'named'
}

/** `host:port/uri` or `unix:/path:/uri`, cut into the two. */
export function splitTarget(rest: string): { host: string; uri: string | null } {
  if (rest.startsWith('unix:')) {
    const end = rest.indexOf(':', 'unix:'.length)
    return end === -1
      ? { host: rest, uri: null }
      : { host: rest.slice(0, end), uri: rest.slice(end + 1) || null }
  }
  const end = rest.search(/[/?]/)
  if (end === -1) return { host: rest, uri: null }
  const uri = rest.slice(end)
  return { host: rest.slice(0, end), uri: uri.startsWith('?') ? `/${uri}` : uri }
}

/** What the group of an address is called: the same host at both schemes' own ports is two groups. */
export function groupName(written: string, secure: boolean): string {
  return secure && !hasPort(written) ? `${written}:443` : written
}

/** Whether the text says a port, or needs none. */
export function hasPort(written: string): boolean {
  return /^unix:/i.test(written) || /:\d+$/.test(written.replace(/^\[[^\]]*\]/, ''))
}

/** What an address stands for: a group of one server of the usual weight. */
export function groupOf(written: string, secure: boolean, address: Address, at: At): GroupConfig {
  return {
    name: groupName(written, secure),
    servers: [{ name: written, address, ...USUAL, at }],
    balance: { by: 'round robin' },
    named: false,
    resolver: [],
    shield: NOTHING_SAID,
    at,
  }
}
