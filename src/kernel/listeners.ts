// Who listens on this machine, from the kernel's own tables: the only way to see a listener without connecting to it,
// and an empty connection is what a sync worker would wait on. Knows no upstream and keeps nothing.

import { readFile } from 'node:fs/promises'
import { eachTcpListener } from './rows.ts'

/** Where one connection goes: an address, or a Unix socket. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string }

/** Some hundred thousand listeners: more than any machine has. */
const MOST = 16 * 1024 * 1024
/** Flag of a listening socket in /proc/net/unix (__SO_ACCEPTCON, include/linux/net.h). */
const ACCEPTS = 0x10000
const ANY_V4 = '00000000'
const ANY_V6 = '0'.repeat(32)
const LOOPBACK_V6 = '00000000000000000000000001000000'
/** ::ffff: in front of an IPv4 address, as the kernel prints it. */
const MAPPED = '0000000000000000FFFF0000'

/**
 * Whether somebody listens there, as far as this machine can tell without asking: null when it cannot (another
 * machine, no /proc).
 */
export async function isListening(endpoint: Endpoint): Promise<boolean | null> {
  const inodes = await listenerInodes(endpoint)
  return inodes === null ? null : inodes.length > 0
}

/** The inodes of the sockets that listen there, by which their holders can be found; null as above. */
export async function listenerInodes(endpoint: Endpoint): Promise<string[] | null> {
  if ('path' in endpoint) return onPath(endpoint.path)
  const places = socketNames(endpoint)
  if (places === null) return null
  const inodes: string[] = []
  const take = ([, local = '', , , , , , , , inode = '']: readonly string[]): void => {
    if (places.has(local)) inodes.push(inode)
  }
  if (!eachTcpListener('/proc/net/tcp', MOST, take)) return null
  eachTcpListener('/proc/net/tcp6', MOST, take)
  return inodes
}

/**
 * What a listener that takes connections to this address may be called in the kernel's tables (hex, port after a
 * colon); null for an address that may be another machine's.
 */
export function socketNames({ host, port }: { host: string; port: number }): ReadonlySet<string> | null {
  if (host !== '::1' && !host.startsWith('127.')) return null
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const hosts =
    host === '::1' ? [LOOPBACK_V6, ANY_V6] : [hexOf(host), ANY_V4, ANY_V6, `${MAPPED}${hexOf(host)}`]
  return new Set(hosts.map(address => `${address}:${hex}`))
}

// The kernel prints an IPv4 address as one little-endian number.
function hexOf(ipv4: string): string {
  const bytes = ipv4.split('.').map(part => Number(part).toString(16).toUpperCase().padStart(2, '0'))
  return bytes.reverse().join('')
}

// Columns: Num RefCount Protocol Flags Type St Inode Path. A file without a listener is what a crash leaves.
async function onPath(path: string): Promise<string[] | null> {
  const sockets = await readFile('/proc/net/unix', 'utf8').catch(() => null)
  if (sockets === null) return null
  const inodes: string[] = []
  for (const line of sockets.split('\n')) {
    const [, , , flags, , , inode, name] = line.trim().split(/\s+/, 8)
    if (name === path && (Number.parseInt(flags ?? '', 16) & ACCEPTS) !== 0) inodes.push(inode ?? '')
  }
  return inodes
}
