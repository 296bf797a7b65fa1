// Whether the app listens: from the kernel's table where it can be seen, else by a whole request. There are no empty
// connections: a worker would wait on one until its timeout.

import { lookup } from 'node:dns/promises'
import type { Address, UpstreamConfig } from '../config/config.ts'
import { type Endpoint, isListening } from '../kernel/listeners.ts'

export interface ReadinessOptions {
  readonly upstreams: readonly UpstreamConfig[]
  /**
   * Ask also where a listener is seen: for a server that listens before its workers have loaded the app. gunicorn does,
   * and ends with status 3 when the app cannot be imported; until then a listener alone would make it look live.
   */
  readonly ask: boolean
  /** Sends a whole request there, and tells whether anything that is HTTP came back. */
  readonly answers: (place: Endpoint, path: string, host: string, timeoutMs: number) => Promise<boolean>
  readonly path: string
  /** For the request, in milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal
}

const LOOK_EVERY_MS = 50

/** Settles with true when the app is ready at all of its addresses, and with false at the signal. */
export async function untilReady(options: ReadinessOptions): Promise<boolean> {
  const { upstreams, signal } = options
  const waiting = new Set(upstreams)
  while (!signal.aborted) {
    for (const upstream of waiting) if (await isReady(upstream, options)) waiting.delete(upstream)
    if (signal.aborted) break
    if (waiting.size === 0) return true
    await pause(LOOK_EVERY_MS, signal)
  }
  return false
}

/** Whether somebody listens at one of these addresses already; false also where that cannot be seen. */
export async function somebodyListens(upstreams: readonly UpstreamConfig[]): Promise<UpstreamConfig | null> {
  for (const upstream of upstreams) {
    for (const place of await placesOf(upstream.address)) if (await isListening(place)) return upstream
  }
  return null
}

async function isReady(upstream: UpstreamConfig, options: ReadinessOptions): Promise<boolean> {
  for (const place of await placesOf(upstream.address)) {
    const listens = await isListening(place)
    if (listens === false || options.signal.aborted) continue
    if (listens && !options.ask) return true
    if (await options.answers(place, options.path, upstream.name, options.timeout)) return true
  }
  return false
}

/** Where a connection to this address would go. */
export async function placesOf(address: Address): Promise<Endpoint[]> {
  if (address.kind === 'unix') return [{ path: address.path }]
  try {
    const found = await lookup(address.host, { all: true })
    return found.map(({ address: host }) => ({ host, port: address.port }))
  } catch {
    return []
  }
}

/** Waits; ends early at the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
