// Who listens on this machine, from the kernel's own tables: the only way to see a listener without connecting to it,
// and an empty connection is what a sync worker would wait on. Knows no upstream and keeps nothing.

import { readFile, realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
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
 * machine, no /proc, a Unix socket that is listed by another name, by none, or is what a crash left behind).
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
  return eachListener(take) ? inodes : null
}

/** Whether nobody at all listens on that port here, whatever the address; null where there is no table to tell. */
export function nobodyListensOn(port: number): boolean | null {
  const wanted = `:${hexPort(port)}`
  let found = false
  const look = ([, local = '']: readonly string[]): void => {
    if (local.endsWith(wanted)) found = true
  }
  return eachListener(look) ? !found : null
}

// Of both families. False: there is no table to tell.
function eachListener(take: Parameters<typeof eachTcpListener>[2]): boolean {
  if (!eachTcpListener('/proc/net/tcp', MOST, take)) return false
  eachTcpListener('/proc/net/tcp6', MOST, take)
  return true
}

/**
 * What a listener that takes connections to this address may be called in the kernel's tables (hex, port after a
 * colon); null for an address that may be another machine's.
 */
export function socketNames({ host, port }: { host: string; port: number }): ReadonlySet<string> | null {
  if (host !== '::1' && !host.startsWith('127.')) return null
  const hex = hexPort(port)
  const hosts =
    host === '::1' ? [LOOPBACK_V6, ANY_V6] : [hexOf(host), ANY_V4, ANY_V6, `${MAPPED}${hexOf(host)}`]
  return new Set(hosts.map(address => `${address}:${hex}`))
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

// The kernel prints an IPv4 address as one little-endian number.
function hexOf(ipv4: string): string {
  const bytes = ipv4.split('.').map(part => Number(part).toString(16).toUpperCase().padStart(2, '0'))
  return bytes.reverse().join('')
}

/** A row of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path. The path may hold spaces. */
const UNIX_ROW = /^\S+ +\S+ +\S+ +([0-9A-F]+) +\S+ +\S+ +(\d+) (.+)$/

// The table has each name as the app wrote it when it bound the socket: relative to its own folder, through a link such
// as /var/run; and it has nothing of other containers. So a socket file whose name is not there tells nothing, and a
// path without such a file tells that nobody listens.
async function onPath(path: string): Promise<string[] | null> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => null)
  if (table === null) return null
  const listeners = table.split('\n').flatMap(line => {
    const [, flags = '', inode = '', name = ''] = UNIX_ROW.exec(line) ?? []
    return (Number.parseInt(flags, 16) & ACCEPTS) === 0 ? [] : [{ inode, name }]
  })
  const byName = listeners.filter(({ name }) => name === path)
  if (byName.length > 0) return byName.map(({ inode }) => inode)
  const file = await stat(path).catch(({ code }) =>
    code === 'ENOENT' || code === 'ENOTDIR' ? null : undefined,
  )
  if (file === undefined) return null
  if (file === null || !file.isSocket()) return []
  const place = await realpath(path).catch(() => null)
  const inodes: string[] = []
  for (const { inode, name } of listeners) {
    if (!name.startsWith('/') || basename(name) !== basename(path)) continue
    if ((await realpath(name).catch(() => null)) === place) inodes.push(inode)
  }
  return inodes.length > 0 ? inodes : null
}
