// Addresses as people write them: `:8000`, `host:port`, `[::1]:8000`, `http://host:port`, `unix:/path.sock`.
// Looks nothing up and opens nothing.

import { isIPv4, isIPv6 } from 'node:net'
import type { Address } from './config.ts'
import type { Reading } from './reading.ts'

/** `upstream`: an app to connect to; `listen`: a place to accept connections. */
export type Role = 'upstream' | 'listen'

/** What a host left out stands for: the app on this machine, or every address of it (`::` takes IPv4 too). */
const DEFAULT_HOST = { upstream: '127.0.0.1', listen: '::' } as const

/** The longest path that fits `sockaddr_un.sun_path` on Linux with its final NUL (unix(7)). */
const LONGEST_UNIX_PATH = 107

const FORMS = {
  upstream: 'must be an address such as :8000, app:8000, [::1]:8000, http://app:8000 or unix:/run/app.sock',
  listen: 'must be an address such as :8080, 127.0.0.1:8080, [::1]:8080 or unix:/run/shieldproxy.sock',
} as const

/**
 * Reads one address. A bare number is a port, as in nginx's `listen 80`. Port 0 lets the kernel choose, and
 * only a listener can ask for it. `http://` is accepted for an upstream, and for it alone a missing port means 80.
 */
export function readAddress(text: string, role: Role): Reading<Address> {
  // nginx's `proxy_pass` writes Unix sockets as http://unix:/path:/uri, with or without what follows the path.
  const unix = /^(?:http:\/\/)?unix:(?:\/\/(?=\/))?(.*)$/i.exec(text)
  if (unix !== null) return readUnix(unix[1] ?? '', role)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text)
  if (scheme === null) return readHostPort(text, role, null)
  return readUrl(scheme[1]!.toLowerCase(), scheme[2]!, role)
}

function readUrl(scheme: string, rest: string, role: Role): Reading<Address> {
  if (role === 'listen') return { allowed: `${FORMS.listen}; leave out ${scheme}://` }
  if (scheme === 'https') {
    return {
      allowed: 'must be a plain HTTP address: https:// is not spoken to the app; use the http:// port it has',
    }
  }
  if (scheme !== 'http') return { allowed: `${FORMS.upstream}; ${scheme}:// is not spoken here` }
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const path = end === -1 ? '' : rest.slice(end)
  if (path !== '' && path !== '/') {
    return {
      allowed:
        'must end after the port: paths are passed on as the client sent them, so none can be added here',
    }
  }
  if (authority.includes('@')) return { allowed: 'must have no user name or password before the host' }
  return readHostPort(authority, role, 80)
}

function readUnix(rest: string, role: Role): Reading<Address> {
  const path = role === 'upstream' ? rest.replace(/:\/?$/, '') : rest
  if (path === '' || path.endsWith('/'))
    return { allowed: 'must name a socket file, such as unix:/run/app.sock' }
  if (path.includes(':')) return { allowed: 'must be unix: and a path, with nothing after it' }
  if (/[\u0000-\u001f]/.test(path)) return { allowed: 'must be a path without control characters' }
  if (Buffer.byteLength(path) > LONGEST_UNIX_PATH) {
    return {
      allowed: `must be at most ${LONGEST_UNIX_PATH} bytes long after unix:, which is the system's limit for sockets`,
    }
  }
  return { value: { kind: 'unix', path } }
}

function readHostPort(text: string, role: Role, defaultPort: number | null): Reading<Address> {
  if (/^\d+$/.test(text)) return readPort(text, DEFAULT_HOST[role], role)
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text)
  if (match === null) {
    const hint = isIPv6(text) ? `; an IPv6 address needs brackets and a port, such as [${text}]:8000` : ''
    return { allowed: `${FORMS[role]}${hint}` }
  }
  const host = readHost(match[1] ?? '', role)
  if (host === null) return { allowed: FORMS[role] }
  const port = match[2]
  if (port === undefined || port === '') {
    if (defaultPort !== null && match[1] !== '') return { value: { kind: 'tcp', host, port: defaultPort } }
    const example = match[1] === '' ? '' : `; the port is missing, as in ${match[1]}:8000`
    return { allowed: `${FORMS[role]}${example}` }
  }
  return readPort(port, host, role)
}

function readPort(text: string, host: string, role: Role): Reading<Address> {
  const lowest = role === 'upstream' ? 1 : 0
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < lowest || port > 65535) {
    return { allowed: `must have a port from ${lowest} to 65535` }
  }
  return { value: { kind: 'tcp', host, port } }
}

/** A name, an IPv4 address, or an IPv6 address in brackets; null when it is none of them. */
function readHost(text: string, role: Role): string | null {
  if (text === '') return DEFAULT_HOST[role]
  if (text === '*') return role === 'listen' ? DEFAULT_HOST.listen : null
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1)
    return isIPv6(inner) ? inner : null
  }
  // What looks like numbers and dots is an IPv4 address or a slip, never a name (WHATWG URL, host parser).
  if (/^[\d.]+$/.test(text)) return isIPv4(text) ? text : null
  // Underscores are no part of host names, but Docker Compose services have them.
  return /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(text) &&
    text.length <= 253
    ? text.toLowerCase()
    : null
}

/** Writes an address as it would be written in an option: `[::]:8080`, `127.0.0.1:8000`, `unix:/run/app.sock`. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

/**
 * Whether two listeners want the same place. `::` is opened for IPv4 as well, so it takes every address of
 * its port; a port of 0 collides with nothing.
 */
export function sameListener(a: Address, b: Address): boolean {
  if (a.kind === 'unix' || b.kind === 'unix')
    return a.kind === 'unix' && b.kind === 'unix' && a.path === b.path
  if (a.port !== b.port || a.port === 0) return false
  if (a.host === b.host || a.host === '::' || b.host === '::') return true
  return (a.host === '0.0.0.0' && isIPv4(b.host)) || (b.host === '0.0.0.0' && isIPv4(a.host))
}
