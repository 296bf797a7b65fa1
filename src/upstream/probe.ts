// Asking an upstream that is down whether it is back while no request waits that could ask, where the kernel's table
// of listeners (src/kernel/listeners.ts) cannot tell: by a whole request. Never by an empty connection, which a sync
// worker would wait on.

import type { Endpoint } from './upstream.ts'

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
