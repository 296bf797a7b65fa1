// Asking an upstream that is down whether it is back while no request waits that could ask: from the kernel's
// table of listeners where it is on this machine, else by a whole request of its own. Never by an empty
// connection, which a sync worker would wait on.

import { readFile } from 'node:fs/promises'
import type { Endpoint } from './upstream.ts'

/** State 0A in /proc/net/tcp: a listener (include/net/tcp_states.h). */
const LISTEN = '0A'
/** Flag of a listening socket in /proc/net/unix (__SO_ACCEPTCON, include/linux/net.h). */
const ACCEPTS = 0x10000
const ANY_V4 = '00000000'
const ANY_V6 = '0'.repeat(32)
const LOOPBACK_V6 = '00000000000000000000000001000000'

/**
 * Whether somebody listens there, as far as this machine can tell without asking: null when it cannot (another
 * machine, no /proc).
 */
export async function isListening(endpoint: Endpoint): Promise<boolean | null> {
  if ('path' in endpoint) return listensOnPath(endpoint.path)
  const { host } = endpoint
  if (host !== '::1' && !host.startsWith('127.')) return null
  const [v4, v6] = await Promise.all([table('/proc/net/tcp'), table('/proc/net/tcp6')])
  if (v4 === null) return null
  const port = endpoint.port.toString(16).toUpperCase().padStart(4, '0')
  const hosts =
    host === '::1' ? [LOOPBACK_V6, ANY_V6] : [hexOf(host), ANY_V4, ANY_V6, `${MAPPED}${hexOf(host)}`]
  const places = new Set(hosts.map(hex => `${hex}:${port}`))
  return hasListener(v4, places) || (v6 !== null && hasListener(v6, places))
}

/** ::ffff: in front of an IPv4 address, as the kernel prints it. */
const MAPPED = '0000000000000000FFFF0000'

// The kernel prints an IPv4 address as one little-endian number.
function hexOf(ipv4: string): string {
  const bytes = ipv4.split('.').map(part => Number(part).toString(16).toUpperCase().padStart(2, '0'))
  return bytes.reverse().join('')
}

// Columns: sl local_address rem_address st …; the local address is hex, its port after a colon.
function hasListener(tcp: string, places: ReadonlySet<string>): boolean {
  for (const line of tcp.split('\n')) {
    const [, local, , state] = line.trim().split(/\s+/, 4)
    if (state === LISTEN && local !== undefined && places.has(local)) return true
  }
  return false
}

// Columns: Num RefCount Protocol Flags Type St Inode Path. A file without a listener is what a crash leaves.
async function listensOnPath(path: string): Promise<boolean | null> {
  const sockets = await table('/proc/net/unix')
  if (sockets === null) return null
  for (const line of sockets.split('\n')) {
    const [, , , flags, , , , name] = line.trim().split(/\s+/, 8)
    if (name === path && (Number.parseInt(flags ?? '', 16) & ACCEPTS) !== 0) return true
  }
  return false
}

function table(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

/**
 * Asks by a whole request with `Connection: close`. True when anything that is HTTP came back; takes a worker,
 * so that a slot must be held meanwhile.
 * @param timeoutMs for each of connect, head and body.
 */
export async function answers(
  endpoint: Endpoint,
  path: string,
  host: string,
  timeoutMs: number,
): Promise<boolean> {
  // Loaded when needed: it costs 90 ms that neither the start nor most runs ever need to pay.
  const { Client } = await import('undici')
  const origin =
    'path' in endpoint ? 'http://localhost' : `http://${bracketed(endpoint.host)}:${endpoint.port}`
  const client = new Client(origin, {
    connect: 'path' in endpoint ? { socketPath: endpoint.path, timeout: timeoutMs } : { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 0,
  })
  try {
    const headers = { host, 'user-agent': 'shieldproxy-probe' }
    const { body } = await client.request({ path, method: 'GET', headers, reset: true })
    await body.dump()
    return true
  } catch {
    return false
  } finally {
    await client.destroy()
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
