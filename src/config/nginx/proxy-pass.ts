// Reads where `proxy_pass` leads, and the addresses that name a server wherever one is named.

import type { Pass } from './modules/proxy.ts'
import type { GroupConfig, GroupServer } from './site.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

// ngx_http_proxy_pass: scheme, then up to the first slash whom, then what takes the place of the location's path.
export function readPass(node: DirectiveNode, reading: Reading): Pass | undefined {
  const url = node.args[0]!
  if (url.includes('$')) return { kind: 'computed', url: { text: url, at: node.at } }
  const [, scheme, rest] = /^(https?):\/\/(.*)$/i.exec(url) ?? []
  if (scheme === undefined || rest === undefined) {
    reading.problem('invalid URL prefix', node.at)
    return undefined
  }
  const parts = splitTarget(rest)
  const secure = scheme.toLowerCase() === 'https'
  const server = addressOf(parts.host, secure ? 443 : 80, node)
  if (server === null) {
    reading.problem(`invalid host in upstream "${rest}"`, node.at)
    return undefined
  }
  const { host, uri } = parts
  return { kind: 'group', scheme: secure ? 'https' : 'http', host, uri, group: groupOf(host, server, node) }
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

/** The server that an address stands for; null: it is no address. */
export function addressOf(host: string, port: number, { at }: Pick<DirectiveNode, 'at'>): GroupServer | null {
  const server = {
    name: host,
    weight: 1,
    maxConns: 0,
    maxFails: 1,
    failTimeout: 10_000,
    backup: false,
    down: false,
    at,
  }
  if (host.startsWith('unix:')) {
    const path = host.slice('unix:'.length)
    return path === '' ? null : { ...server, address: { kind: 'unix', path } }
  }
  const [, bracketed, name, written] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(host) ?? []
  const number = written === undefined ? port : Number(written)
  const to = bracketed ?? name
  if (to === undefined || number < 1 || number > 65_535) return null
  return { ...server, address: { kind: 'tcp', host: to, port: number } }
}

function groupOf(name: string, server: GroupServer, { at }: DirectiveNode): GroupConfig {
  const shield = { workers: null, queueSize: null, queueTimeout: null, hold: null, workerTimeout: null }
  return { name, servers: [server], balance: { by: 'round robin' }, named: false, shield, at }
}
