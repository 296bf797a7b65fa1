// WebSocket's way through the house: the client's socket is given to a node:http server, with the head that
// `request/` wrote in front, and http-proxy-3 takes it from there over a connection that stands already. The
// lane holds its worker slot until the worker's end. It writes no request head of its own and knows no queue.

import type { Server } from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProxyServer } from 'http-proxy-3'
import { Failure } from '../errors.ts'
import { type Exchange, now } from '../exchange.ts'
import { http } from '../node-http.ts'
import type { HeldSlot, LossOfWorker } from './answer-sink.ts'
import { connectFailure, errorCode, HANDSHAKE_FAILED } from './connect-failure.ts'
import { from, type LocalEnd } from './local-end.ts'
import { Passage, type PassageOptions, type Receive } from './passage.ts'
import { handshakeError, secureSocket } from './secure-socket.ts'
import type { Upstream } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'

/** What the lane asks of the client's connection. */
export interface UpgradeClient {
  readonly socket: Duplex
  /** Gives the socket up and returns what was read of it beyond the head. */
  release(): Buffer | null
}

export interface UpgradeOptions extends Omit<PassageOptions, 'receive'> {
  readonly connectTimeout: number
  freed(upstream: Upstream, busyMs: number): void
  connect(upstream: Upstream, result: 'ok' | 'refused' | 'timeout' | 'error'): void
}

export class UpgradeLane {
  readonly #options: UpgradeOptions
  readonly #passages = new Map<Duplex, Passage>()
  #server: Server | null = null
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
   * with how the connect failed (nothing was sent, the slot is free again). Without a loss: the wait was ended for the
   * request's sake, which tells nothing of the upstream; the slot is free as soon as the socket is closed.
   */
  open(
    upstream: Upstream,
    slot: HeldSlot,
    exchange: Exchange,
    tls: SecureTerms | null = null,
    end: LocalEnd | null = null,
  ): Promise<net.Socket | { failure: Failure; loss: LossOfWorker | null }> {
    const { connectTimeout, connect, freed } = this.#options
    return new Promise(resolve => {
      const openedAt = now()
      const endpoint = from(upstream.endpoint!, end)
      const socket = tls === null ? new net.Socket() : secureSocket(endpoint, tls)
      let code = 'ECANCELED'
      let reached = false
      socket.once('connect', () => {
        reached = tls !== null
      })
      exchange.onInterrupt = failure => {
        resolve({ failure, loss: null })
        socket.destroy()
      }
      socket.setTimeout(connectTimeout, () => {
        code = 'ETIMEDOUT'
        socket.destroy()
      })
      let why = ''
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const told = reached && exchange.phase === 'connecting' ? handshakeError(error) : error
        code = errorCode(told, end)
        why = told.message
      })
      socket.once(tls === null ? 'connect' : 'secureConnect', () => {
        exchange.onInterrupt = null
        socket.setTimeout(0)
        upstream.connected()
        connect(upstream, 'ok')
        resolve(socket)
      })
      socket.once('close', () => {
        if (exchange.phase === 'connecting') {
          exchange.onInterrupt = null
          connect(upstream, code === 'ECONNREFUSED' ? 'refused' : code === 'ETIMEDOUT' ? 'timeout' : 'error')
          const loss = {
            how: 'connect',
            nothingSent: code !== HANDSHAKE_FAILED,
            headSeen: false,
            received: 0,
            ageMs: 0,
            code,
          } as const
          resolve({ failure: connectFailure(code, why, upstream.name), loss })
        }
        freed(upstream, now() - openedAt)
        slot.release()
      })
      if (tls === null) socket.connect(endpoint as net.SocketConnectOpts)
    })
  }

  /**
   * Joins the client to the worker; the exchange then ends with the connection. Settles with a failure when there is
   * nothing to join any more: the client still has its own connection then. `receive` says what the client gets to see
   * of the answer's fields.
   */
  async join(
    client: UpgradeClient,
    head: string,
    exchange: Exchange,
    worker: net.Socket,
    receive: Receive,
  ): Promise<Failure | null> {
    const proxy = await this.#load()
    const { socket } = client
    if (socket.destroyed || !exchange.clientPresent) {
      worker.destroy()
      return new Failure('client_left', 'the client left before the upgrade')
    }
    if (worker.destroyed)
      return new Failure('worker_lost', 'the worker closed before it was asked to upgrade')
    exchange.attempts++
    exchange.workerSince = now()
    exchange.enter('waiting')
    // Paused, so that nothing is read between the two owners.
    socket.pause()
    const rest = client.release()
    const passage = new Passage(socket, worker, exchange, { ...this.#options, receive }, () =>
      this.#passages.delete(socket),
    )
    this.#passages.set(socket, passage)
    const bytes = Buffer.from(head, 'latin1')
    socket.unshift(rest === null ? bytes : Buffer.concat([bytes, rest]))
    this.#serverFor(proxy).emit('connection', socket)
    socket.resume()
    return null
  }

  /** At a drain: every one is closed; the browsers behind them open new ones elsewhere. */
  closeAll(): void {
    for (const passage of this.#passages.values()) passage.close()
  }

  /** The end of all patience. */
  cutAll(): void {
    for (const passage of this.#passages.values()) passage.cut()
  }

  // Loaded when the first upgrade comes: it costs 10 ms that the start need not pay.
  #load(): Promise<ProxyServer> {
    this.#proxy ??= import('http-proxy-3').then(({ createProxyServer }) => createProxyServer({ ws: true }))
    return this.#proxy
  }

  #serverFor(proxy: ProxyServer): Server {
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
      const options = { target, agent, xfwd: false, ws: true }
      proxy.ws(request, socket, head, options, () => passage.failed('the worker ended the connection'))
    })
    proxy.on('proxyReqWs', (workerRequest, request, socket) =>
      this.#passages.get(socket)?.watch(workerRequest, request),
    )
    proxy.on('error', () => {})
    return server
  }
}
