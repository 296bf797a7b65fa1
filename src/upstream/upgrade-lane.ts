// WebSocket's way through the house: the client's socket is given to a node:http server, with the head that
// `request/` wrote in front, and http-proxy-3 takes it from there over a connection that stands already. The
// lane holds its worker slot until it closes. It writes no head of its own and knows no queue.

import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProxyServer } from 'http-proxy-3'
import { Failure } from '../errors.ts'
import { type Exchange, now } from '../exchange.ts'
import type { HeldSlot, LossOfWorker } from './answer-sink.ts'
import type { Upstream } from './upstream.ts'

/** What the lane asks of the client's connection. */
export interface UpgradeClient {
  readonly socket: Duplex
  /** Gives the socket up and returns what was read of it beyond the head. */
  release(): Buffer | null
}

export interface UpgradeOptions {
  readonly connectTimeout: number
  freed(upstream: Upstream, busyMs: number): void
  connect(upstream: Upstream, result: 'ok' | 'refused' | 'timeout' | 'error'): void
  /** The connection has closed, for good or ill. */
  finished(exchange: Exchange): void
}

/** Nothing in either direction for so long ends it (fine-points.md). */
const IDLE_MS = 3_600_000

interface Passage {
  readonly exchange: Exchange
  readonly worker: net.Socket
}

export class UpgradeLane {
  readonly #options: UpgradeOptions
  readonly #passages = new Map<Duplex, Passage>()
  #server: http.Server | null = null
  #proxy: Promise<ProxyServer> | null = null

  constructor(options: UpgradeOptions) {
    this.#options = options
  }

  /** Connections that were upgraded, or are being. */
  get size(): number {
    return this.#passages.size
  }

  /**
   * Opens the connection to the worker, which owns the slot from here on. Settles with the open connection, or
   * with how the connect failed (nothing was sent, the slot is free again).
   */
  open(
    upstream: Upstream,
    slot: HeldSlot,
    exchange: Exchange,
  ): Promise<net.Socket | { failure: Failure; loss: LossOfWorker }> {
    const { connectTimeout, connect, freed } = this.#options
    return new Promise(resolve => {
      const openedAt = now()
      const socket = new net.Socket()
      const failed = (code: string) => {
        exchange.onInterrupt = null
        connect(upstream, code === 'ECONNREFUSED' ? 'refused' : code === 'ETIMEDOUT' ? 'timeout' : 'error')
        const loss = {
          how: 'connect',
          nothingSent: true,
          headSeen: false,
          received: 0,
          ageMs: 0,
          code,
        } as const
        resolve({ failure: new Failure('upstream_down', `${code} ${upstream.name}`), loss })
      }
      exchange.onInterrupt = () => socket.destroy()
      socket.setTimeout(connectTimeout, () =>
        socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })),
      )
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (socket.connecting || socket.readyState !== 'open') failed(error.code ?? 'error')
      })
      socket.once('connect', () => {
        exchange.onInterrupt = null
        socket.setTimeout(0)
        upstream.connected()
        connect(upstream, 'ok')
        resolve(socket)
      })
      socket.once('close', () => {
        freed(upstream, now() - openedAt)
        slot.release()
        failed('ECANCELED')
      })
      socket.connect(upstream.endpoint as net.SocketConnectOpts)
    })
  }

  /** Joins the client to the worker. The exchange ends with the connection. */
  async join(client: UpgradeClient, head: string, exchange: Exchange, worker: net.Socket): Promise<void> {
    const proxy = await this.#load()
    const { socket } = client
    if (socket.destroyed || worker.destroyed) {
      worker.destroy()
      socket.destroy()
      exchange.fail(new Failure('client_left', 'the client left before the upgrade'))
      this.#options.finished(exchange)
      return
    }
    exchange.attempts++
    exchange.workerSince = now()
    exchange.enter('waiting')
    socket.pause()
    const rest = client.release()
    this.#passages.set(socket, { exchange, worker })
    socket.once('close', () => this.#closed(socket))
    worker.once('close', () => socket.destroy())
    const bytes = Buffer.from(head, 'latin1')
    socket.unshift(rest === null ? bytes : Buffer.concat([bytes, rest]))
    this.#serverFor(proxy).emit('connection', socket)
    // It was paused so that nothing was read between the two owners.
    socket.resume()
  }

  /** At a drain: every one is closed; the browsers behind them open new ones elsewhere. */
  closeAll(): void {
    for (const [socket, { worker }] of this.#passages) {
      socket.end()
      worker.end()
    }
  }

  #closed(socket: Duplex): void {
    const passage = this.#passages.get(socket)
    if (passage === undefined) return
    this.#passages.delete(socket)
    const { exchange, worker } = passage
    exchange.bytesIn += worker.bytesWritten
    exchange.bytesOut += worker.bytesRead
    exchange.workerSince = 0
    worker.destroy()
    if (exchange.status === 0) exchange.fail(new Failure('worker_lost', 'no answer to the upgrade'))
    exchange.enter('done')
    this.#options.finished(exchange)
  }

  // Loaded when the first upgrade comes: it costs 10 ms that the start need not pay.
  #load(): Promise<ProxyServer> {
    this.#proxy ??= import('http-proxy-3').then(({ createProxyServer }) => createProxyServer({ ws: true }))
    return this.#proxy
  }

  #serverFor(proxy: ProxyServer): http.Server {
    if (this.#server !== null) return this.#server
    const server = (this.#server = http.createServer())
    // The lane's server reads one head that we wrote ourselves; its own limits have nothing to guard.
    server.headersTimeout = server.requestTimeout = 0
    server.on('upgrade', (request, socket, head) => {
      const passage = this.#passages.get(socket)
      if (passage === undefined) {
        socket.destroy()
        return
      }
      // The connection stands: the agent only has to hand it over.
      const agent = new http.Agent()
      agent.createConnection = () => passage.worker
      const target = new URL('http://worker')
      proxy.ws(request, socket, head, { target, agent, xfwd: false, ws: true }, () => {
        this.#refused(socket, passage)
      })
    })
    proxy.on('proxyReqWs', (proxyRequest, _request, socket) => {
      const exchange = this.#passages.get(socket)?.exchange
      const answered = (answer: http.IncomingMessage) => {
        if (exchange === undefined) return
        exchange.status = answer.statusCode ?? 0
        exchange.enter('responding')
        ;(socket as net.Socket).setTimeout(IDLE_MS, () => socket.destroy())
      }
      proxyRequest.once('upgrade', answered)
      proxyRequest.once('response', answered)
    })
    proxy.on('error', () => {})
    return server
  }

  // http-proxy-3 closes the socket after this; the client is told why, when nothing was sent yet.
  #refused(socket: Duplex, { exchange }: Passage): void {
    if (exchange.status !== 0 || socket.destroyed) return
    exchange.fail(new Failure('worker_lost', 'the worker ended the connection instead of upgrading it'))
    exchange.status = 502
    socket.write('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
}
