// The second listener, for operators and their machines: probes, metrics, status. It stands on node:http, as it
// is not the hot path, and reaches the data plane only through what it is given. Who may ask is decided in guard.ts.

import { lstatSync, unlinkSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Address } from '../config/config.ts'
import { http } from '../node-http.ts'
import { asset, PAGE_POLICY } from './assets.ts'
import { refusal } from './guard.ts'
import { Live } from './live.ts'
import { ORDER_PATHS, type Orders, obey } from './orders.ts'

/** What the listener shows; the observer offers it. */
export interface Shown {
  readonly metricsContentType: string
  metrics(): Promise<string>
  status(): object | Promise<object>
  /** The last minutes, a sample a second, the oldest first. */
  history(): readonly object[]
  readiness(): { ready: boolean; reason: string }
}

export interface AdminOptions extends Orders {
  /** Told of an answer that could not be made. */
  readonly onError?: (error: unknown) => void
}

export interface AdminServer {
  /** Where it listens; the port is the one that was given by the system when 0 was asked for. */
  readonly address: Address
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'
/** More than people and scrapers need; less than what would be felt. */
const CONNECTIONS = 64
/** How long a stop waits for answers that are on their way, in milliseconds. */
const GRACE = 500

/** The live page's stream. */
const EVENTS = '/events'

type Handler = (shown: Shown) => Answer | Promise<Answer>

const PATHS: Readonly<Record<string, Handler>> = {
  '/healthz': () => ({ status: 200, type: TEXT, body: 'ok\n' }),
  '/readyz': shown => {
    const { ready, reason } = shown.readiness()
    return ready
      ? { status: 200, type: TEXT, body: 'ready\n' }
      : { status: 503, type: TEXT, body: `${reason}\n` }
  },
  '/metrics': async shown => ({ status: 200, type: shown.metricsContentType, body: await shown.metrics() }),
  '/status.json': async shown => ({
    status: 200,
    type: JSON_TYPE,
    body: JSON.stringify(await shown.status(), null, 2) + '\n',
  }),
}

/**
 * Listens at `address`. A Unix socket is made with mode 0600, and one that a dead process left is replaced.
 * @throws when the address is taken or may not be used
 */
export async function startAdmin(
  address: Address,
  shown: Shown,
  options: AdminOptions = {},
): Promise<AdminServer> {
  const bound = address.kind === 'tcp' ? address.host : null
  const server = http.createServer({ headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16_384 })
  server.maxConnections = CONNECTIONS
  const live = new Live(shown)
  server.on(
    'request',
    (request, response) => void respond(request, response, { bound, shown, live, options }),
  )
  if (address.kind === 'unix') await removeStale(address.path)
  await listen(server, address)
  const given = server.address()
  const port = typeof given === 'object' && given !== null ? given.port : 0
  return {
    address: address.kind === 'tcp' ? { ...address, port } : address,
    close: () => {
      live.close()
      return stop(server)
    },
  }
}

/** What every answer is made from. */
interface Desk {
  readonly bound: string | null
  readonly shown: Shown
  readonly live: Live
  readonly options: AdminOptions
}

async function respond(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  let answer: Answer | 'live'
  try {
    answer = await answerTo(request, desk)
    if (answer === 'live') {
      desk.live.add(response)
      return
    }
  } catch (error) {
    desk.options.onError?.(error)
    answer = { status: 500, type: TEXT, body: 'The answer could not be made; see the log.\n' }
  }
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    'Content-Type': answer.type,
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  // A body has no meaning here; it is read away so that the connection can go on.
  request.resume()
}

async function answerTo(
  request: IncomingMessage,
  { bound, shown, live, options }: Desk,
): Promise<Answer | 'live'> {
  const { path, query } = apart(request.url ?? '')
  const { host, origin } = request.headers
  const refused = refusal({ path, host, origin, peer: request.socket.remoteAddress, bound })
  if (refused !== null) return { status: 403, type: TEXT, body: `${refused}\n` }
  if (ORDER_PATHS.includes(path)) return ordered(request.method, path, query, options)
  const handler = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined
  const page = handler === undefined ? await asset(path) : null
  if (handler === undefined && page === null && path !== EVENTS) {
    return {
      status: 404,
      type: TEXT,
      body: `There is nothing here. There are:\n${['/', ...Object.keys(PATHS), EVENTS, ...ORDER_PATHS].join('\n')}\n`,
    }
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return {
      status: 405,
      type: TEXT,
      body: 'Only GET and HEAD are answered here.\n',
      headers: { Allow: 'GET, HEAD' },
    }
  }
  if (page !== null) {
    return { status: 200, ...page, headers: { 'Content-Security-Policy': PAGE_POLICY } }
  }
  if (handler !== undefined) return handler(shown)
  if (request.method === 'HEAD') return { status: 200, type: 'text/event-stream', body: '' }
  if (!live.isFull) return 'live'
  return { status: 503, type: TEXT, body: 'Too many are looking already.\n' }
}

/** A query may hold further question marks (RFC 3986 §3.4). */
function apart(target: string): { path: string; query: string } {
  const mark = target.indexOf('?')
  return mark === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

function ordered(method: string | undefined, path: string, query: string, orders: Orders): Answer {
  if (method !== 'POST') {
    return { status: 405, type: TEXT, body: 'This is ordered with POST.\n', headers: { Allow: 'POST' } }
  }
  const reply = obey(path, query, orders) ?? { status: 404, body: 'There is nothing to order here.\n' }
  return { ...reply, type: TEXT }
}

function listen(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    if (address.kind === 'tcp') {
      server.listen({ host: address.host, port: address.port })
      return
    }
    // The path is bound within this call, so the mask holds for it alone, and it is never open to others.
    const before = process.umask(0o177)
    try {
      server.listen(address.path)
    } finally {
      process.umask(before)
    }
  })
}

/** Removes a socket that nobody listens on; anything else at that path is left for `listen` to stumble over. */
async function removeStale(path: string): Promise<void> {
  try {
    if (!lstatSync(path).isSocket()) return
  } catch {
    return
  }
  const refused = await new Promise<boolean>(resolve => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
  if (refused) unlinkSync(path)
}

function stop(server: Server): Promise<void> {
  return new Promise(resolve => {
    const enough = setTimeout(() => server.closeAllConnections(), GRACE)
    server.close(() => {
      clearTimeout(enough)
      resolve()
    })
    server.closeIdleConnections()
  })
}
