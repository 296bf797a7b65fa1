// Asking an upstream that is down whether it is back while no request waits that could ask: from the kernel's
// table of listeners where it is on this machine, else by a whole request of its own. Never by an empty
// connection, which a sync worker would wait on.

import { readFile, stat } from 'node:fs/promises'
import type { Endpoint } from './upstream.ts'

/** State 0A in /proc/net/tcp: a listener (include/net/tcp_states.h). */
const LISTEN = '0A'

/**
 * Whether somebody listens there, as far as this machine can tell without asking: null when it cannot (another
 * machine, no /proc). For a Unix socket: whether its file exists.
 */
export async function isListening(endpoint: Endpoint): Promise<boolean | null> {
  if ('path' in endpoint) {
    const found = await stat(endpoint.path).catch(() => null)
    return found?.isSocket() ?? false
  }
  if (endpoint.host !== '::1' && !endpoint.host.startsWith('127.')) return null
  const port = endpoint.port.toString(16).toUpperCase().padStart(4, '0')
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'latin1').catch(() => null)),
  )
  if (tables[0] === null) return null
  return tables.some(table => table !== null && hasListener(table, port))
}

// Columns: sl local_address rem_address st …; the local address is hex, its port after a colon.
function hasListener(table: string, port: string): boolean {
  for (const line of table.split('\n')) {
    const [, local, , state] = line.trim().split(/\s+/, 4)
    if (state === LISTEN && local?.endsWith(`:${port}`)) return true
  }
  return false
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
