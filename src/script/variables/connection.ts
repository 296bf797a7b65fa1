// Variables of the client's connection: the two ends of it, what a proxy in front said of it, and how far it has come
// (ngx_http_core_module, ngx_http_realip_module, ngx_http_stub_status_module).

import { now } from '../../clock.ts'
import { readAddress } from '../../config/nginx/range.ts'
import type { Variable } from '../../visit.ts'
import { seconds } from './request.ts'

export const connectionVariables: Readonly<Record<string, Variable>> = {
  remote_addr: ({ client }) => client,
  remote_port: ({ main, connection }) => main.realClient?.port ?? port(connection.peerPort),
  binary_remote_addr: ({ client }) => inBytes(client),
  realip_remote_addr: ({ connection }) => connection.peer,
  realip_remote_port: ({ connection }) => port(connection.peerPort),
  server_addr: ({ connection }) => connection.localAddress,
  server_port: ({ connection }) => port(connection.localPort),
  proxy_protocol_addr: ({ connection: { proxied } }) => proxied?.peer ?? null,
  proxy_protocol_port: ({ connection: { proxied } }) => (proxied === null ? null : port(proxied.peerPort)),
  proxy_protocol_server_addr: ({ connection: { proxied } }) => proxied?.localAddress ?? null,
  proxy_protocol_server_port: ({ connection: { proxied } }) =>
    proxied === null ? null : port(proxied.localPort),
  scheme: ({ connection }) => (connection.secure ? 'https' : 'http'),
  https: ({ connection }) => (connection.secure ? 'on' : ''),
  connection: ({ connection }) => String(connection.number),
  connection_requests: ({ connection }) => String(connection.requests),
  connection_time: ({ connection, exchange }) =>
    seconds(now() - (connection.acceptedAt ?? exchange.startedAt)),
  connections_active: ({ site }) => count(site.connections?.().active),
  connections_reading: ({ site }) => count(site.connections?.().reading),
  connections_writing: ({ site }) => count(site.connections?.().writing),
  connections_waiting: ({ site }) => count(site.connections?.().waiting),
  pipe: ({ connection }) => (connection.pipelined === true ? 'p' : '.'),
}

function count(number: number | undefined): string | null {
  return number === undefined ? null : String(number)
}

/** A Unix socket has none. */
function port(number: number): string {
  return number > 0 && number < 65_536 ? String(number) : ''
}

/** The address as the 4 or 16 bytes that it is; what is none, as it stands. */
function inBytes(address: string): string {
  const words = readAddress(address)
  if (words === null) return address
  return words
    .map(word => String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255))
    .join('')
}
