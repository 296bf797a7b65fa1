// One `server` line of an upstream block: where it is, and how much it is given. Looks no name up.

import { isIP } from 'node:net'
import type { GroupServer } from './group-config.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readNumber, readTime } from './units.ts'

/** What a load balancing method cannot do. */
export type Unsupported = 'backup'

type Draft = { -readonly [Key in keyof GroupServer]: GroupServer[Key] }

/** What is said of a server where its line says nothing (ngx_http_upstream_server). */
export const USUAL = {
  weight: 1,
  maxConns: 0,
  maxFails: 1,
  failTimeout: 10_000,
  backup: false,
  down: false,
  resolve: false,
  service: null,
} as const

/** Parameters of nginx's commercial edition, and what to do without them. */
const REFUSED: Readonly<Record<string, string>> = {
  'route=': 'there is no "sticky"; "ip_hash" or "hash" keeps a client at one server',
  drain: 'write "down": what is under way there goes on to its end',
}

/**
 * Reads the line. Null: it is wrong, which was reported.
 * @param unsupported parameters that the balancing method above it does not know
 */
export function readServer(
  node: DirectiveNode,
  unsupported: readonly Unsupported[],
  reading: Reading,
): GroupServer | null {
  const [name, ...parameters] = node.args as [string, ...string[]]
  const address = readUpstreamAddress(name, 80)
  if (typeof address === 'string') {
    reading.problem(`${address} in upstream "${name}"`, node.at)
    return null
  }
  const server: Draft = { name, address, ...USUAL, at: node.at }
  for (const parameter of parameters) {
    if (unsupported.some(each => parameter === each)) {
      reading.problem(`balancing method does not support parameter "${parameter}"`, node.at)
    } else if (!take(parameter, server, node, reading)) {
      const [, advice] = Object.entries(REFUSED).find(([start]) => parameter.startsWith(start)) ?? []
      reading.problem(`invalid parameter "${parameter}"${advice === undefined ? '' : `: ${advice}`}`, node.at)
    }
  }
  const wrong = server.service === null ? null : wrongWithService(server)
  if (wrong !== null) reading.problem(`service upstream server "${name}" ${wrong}`, node.at)
  return server
}

// ngx_http_upstream_server
function wrongWithService({ name, address, resolve }: GroupServer): string | null {
  if (!resolve) return 'requires "resolve" parameter'
  if (/:\d+$/.test(name)) return 'may not have port'
  return address.kind === 'unix' || isIP(address.host) !== 0 ? 'requires domain name' : null
}

function take(parameter: string, server: Draft, node: DirectiveNode, reading: Reading): boolean {
  const [, key, value] = /^([a-z_]+)(?:=(.*))?$/s.exec(parameter) ?? []
  if (value === undefined) {
    if (key === 'backup') server.backup = true
    else if (key === 'down') server.down = true
    // Names are looked up again and again whether or not that is asked for; what it says is of whom they are asked.
    else if (key === 'resolve') server.resolve = true
    else return false
    return true
  }
  if (key === 'service') {
    if (value === '') return false
    server.service = value
    return true
  }
  if (key === 'fail_timeout') {
    const ms = readTime(value)
    if (ms === null) return false
    server.failTimeout = ms
    return true
  }
  if (key === 'slow_start') {
    if (readTime(value) === null) return false
    const why =
      'a server that comes back is given its share at once, and the queue keeps it from being flooded'
    reading.remark('notice', `"slow_start" has no effect: ${why}`, node.at)
    return true
  }
  const number = readNumber(value)
  if (number === null) return false
  if (key === 'weight' && number > 0 && number < 1e9) server.weight = number
  else if (key === 'max_conns') server.maxConns = number
  else if (key === 'max_fails') server.maxFails = number
  else return false
  return true
}

/** The address that a text stands for, or what is wrong with it in nginx's words (ngx_parse_url). */
export function readUpstreamAddress(text: string, defaultPort: number): GroupServer['address'] | string {
  if (/^unix:/i.test(text)) {
    const path = text.slice('unix:'.length)
    return path === '' ? 'no path in the unix domain socket' : { kind: 'unix', path }
  }
  const [, bracketed, name = '', rest = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:/?\s[\]]*))(.*)$/s.exec(text) ?? []
  const host = bracketed ?? name
  const port = rest === '' ? String(defaultPort) : rest.startsWith(':') ? rest.slice(1) : null
  if (port === null || /[/?\s]/.test(port)) return 'invalid host'
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return 'invalid port'
  return host === '' ? 'no host' : { kind: 'tcp', host, port: Number(port) }
}
