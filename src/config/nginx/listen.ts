// Reads `listen`: addresses in all of nginx's forms, and what may follow them.

import type { Address } from '../config.ts'
import type { ListenDraft } from './modules/blocks.ts'
import { readAddress as readIp } from './range.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readNumber, readTime } from './units.ts'

/** Parameters that say how the kernel is to treat the socket: accepted, since Node's own defaults serve as well. */
const HARMLESS =
  /^(?:deferred|bind|reuseport|setfib=\d+|fastopen=\d+|rcvbuf=\d+[km]?|sndbuf=\d+[km]?|accept_filter=\w+|multipath)$/i

/** One for each address that a name or a `*` stands for; none where something is wrong, which was reported. */
export function readListen(node: DirectiveNode, reading: Reading): ListenDraft[] {
  const [written, ...parameters] = node.args as [string, ...string[]]
  const addresses = readAddresses(written)
  if (typeof addresses === 'string') {
    reading.problem(`${addresses} in "${written}" of the "listen" directive`, node.at)
    return []
  }
  const draft = {
    written,
    ssl: false,
    proxyProtocol: false,
    isDefault: false,
    backlog: null as number | null,
    ipv6only: true,
    quic: false,
    at: node.at,
  }
  for (const parameter of parameters) {
    const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(parameter)!
    if (name === 'default_server' || name === 'default') draft.isDefault = true
    else if (name === 'ssl') draft.ssl = true
    else if (name === 'proxy_protocol') draft.proxyProtocol = true
    else if (name === 'backlog' && value !== undefined) {
      const backlog = readNumber(value) ?? 0
      if (backlog === 0) reading.problem(`invalid backlog "${parameter}"`, node.at)
      else draft.backlog = backlog
    } else if (name === 'so_keepalive' && value !== undefined) {
      if (!isKeepalive(value)) reading.problem(`invalid so_keepalive value: "${value}"`, node.at)
    } else if (name === 'ipv6only' && (value === 'on' || value === 'off')) draft.ipv6only = value === 'on'
    else if (name === 'http2' || name === 'spdy') {
      reading.remark('notice', `"${name}" of "listen": HTTP/1.1 is served; HTTP/2 ends at the edge`, node.at)
    } else if (name === 'quic') {
      draft.quic = true
    } else if (!HARMLESS.test(parameter)) {
      reading.problem(`invalid parameter "${parameter}"`, node.at)
    }
  }
  return addresses.map(address => ({ ...draft, address }))
}

/** Times, and how often is asked: the kernel's affair, which is left to it. */
function isKeepalive(value: string): boolean {
  if (value === 'on' || value === 'off') return true
  const [idle = '', interval = '', count = '', ...more] = value.split(':')
  const isTime = (text: string) => text === '' || readTime(text) !== null
  const said = idle !== '' || interval !== '' || count !== ''
  return (
    said &&
    more.length === 0 &&
    isTime(idle) &&
    isTime(interval) &&
    (count === '' || readNumber(count) !== null)
  )
}

/** The one address, or one for each port of a range; or what is wrong, in nginx's words. */
function readAddresses(text: string): Address[] | string {
  const [, before, first, last] = (!/^unix:/i.test(text) && /^(|.*:)(\d+)-(\d+)$/.exec(text)) || []
  if (last === undefined) {
    const address = readAddress(text)
    return typeof address === 'string' ? address : [address]
  }
  if (Number(last) > 65_535) return 'invalid port'
  if (Number(last) < Number(first)) return 'invalid port range'
  const addresses: Address[] = []
  for (let port = Number(first); port <= Number(last); port++) {
    const address = readAddress(`${before}${port}`)
    if (typeof address === 'string') return address
    addresses.push(address)
  }
  return addresses
}

/** An address, or what is wrong with it, in nginx's words. */
function readAddress(text: string): Address | string {
  if (/^unix:/i.test(text)) {
    const path = text.slice('unix:'.length)
    return path === '' ? 'no path in the unix domain socket' : { kind: 'unix', path }
  }
  if (/^\d+$/.test(text)) return withPort('0.0.0.0', text)
  if (/[/?]/.test(text)) return 'invalid host'
  const [, bracketed, host, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? []
  if (bracketed === '') return 'no host'
  if (bracketed !== undefined)
    return readIp(bracketed) === null ? 'invalid IPv6 address' : withPort(bracketed, port ?? '80')
  if (host === undefined) return 'invalid host'
  if (host === '') return 'no host'
  return withPort(host === '*' ? '0.0.0.0' : host, port ?? '80')
}

function withPort(host: string, port: string): Address | string {
  const number = Number(port)
  if (!/^\d{1,5}$/.test(port) || number < 1 || number > 65_535) return 'invalid port'
  return { kind: 'tcp', host, port: number }
}
