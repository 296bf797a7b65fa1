// Asking an upstream that is down whether it is back while no request waits that could ask, where the kernel's table
// of listeners (src/kernel/listeners.ts) cannot tell: by a whole request. Never by an empty connection, which a sync
// worker would wait on.

import type net from 'node:net'
import type { Family } from '../config/nginx/modules/proxy.ts'
import { gatewayAnswers } from './gateway-probe.ts'
import { secureSocket } from './secure-socket.ts'
import type { Endpoint } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'

/** What an upstream is spoken to by. */
export interface ProbeTerms {
  readonly family: Family
  /** What it speaks TLS by; null: it does not. */
  readonly tls: SecureTerms | null
}

const PLAINLY: ProbeTerms = { family: 'http', tls: null }

/**
 * Asks by a whole request with `Connection: close`. True when anything of its protocol came back; takes a worker,
 * so that a slot must be held meanwhile.
 * @param timeoutMs for each of connect, head and body.
 * @param terms what it speaks; null: HTTP, in the clear
 */
export async function answers(
  endpoint: Endpoint,
  path: string,
  host: string,
  timeoutMs: number,
  terms: ProbeTerms | null = null,
): Promise<boolean> {
  const { family, tls } = terms ?? PLAINLY
  if (family !== 'http') return gatewayAnswers(endpoint, family, path, host, timeoutMs, tls)
  // Loaded when needed: it costs 90 ms that neither the start nor most runs ever need to pay.
  const { Client } = await import('undici')
  const scheme = tls === null ? 'http' : 'https'
  const origin =
    'path' in endpoint ? `${scheme}://localhost` : `${scheme}://${bracketed(endpoint.host)}:${endpoint.port}`
  const plain =
    'path' in endpoint ? { socketPath: endpoint.path, timeout: timeoutMs } : { timeout: timeoutMs }
  const client = new Client(origin, {
    connect:
      tls === null
        ? plain
        : (_options, opened) => {
            openSecurely(endpoint, tls, timeoutMs).then(
              socket => opened(null, socket),
              error => opened(error, null),
            )
          },
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

// Whether it is believed is for requests, which are told why not: here the question is whether it is there.
function openSecurely(endpoint: Endpoint, tls: SecureTerms, timeoutMs: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = secureSocket(endpoint, { ...tls, verify: false, sessions: null })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the handshake took too long')))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
