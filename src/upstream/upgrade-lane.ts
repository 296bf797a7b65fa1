// The way of WebSockets, and of other protocols that a file passes on, through the house: the client's socket is given
// to a node:http server, with the head that `request/` wrote in front, and http-proxy-3 takes it from there over a
// connection that stands already. The lane holds its worker slot until the worker's end. It writes no request head of its
// own and knows no queue.

import type { Server } from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProxyServer } from 'http-proxy-3'
import { now } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { http } from '../node-http.ts'
import type { HeldSlot, LossOfWorker, WorkerOptions } from './answer-sink.ts'
import { connectFailure, errorCode, HANDSHAKE_FAILED } from './connect-failure.ts'
import { from } from './local-end.ts'
import { type GivenBack, Passage, type PassageOptions, type Receive } from './passage.ts'
import { handshakeError, secureSocket } from './secure-socket.ts'
import type { Upstream } from './upstream.ts'

/** What the lane asks of the client's connection. */
export interface UpgradeClient {
  readonly socket: { readonly destroyed: boolean }
  /** Gives the socket up, paused, and what was read of it beyond the head. */
  release(): { readonly socket: Duplex; readonly rest: Buffer | null }
  /** Takes it back, for one last answer. */
  reclaim(): void
}

export interface UpgradeOptions extends Pick<PassageOptions, 'finished'> {
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
    { connectTimeout, tls = null, from: end = null }: WorkerOptions,
  ): Promise<net.Socket | { failure: Failure; loss: LossOfWorker | null }> {
    const { connect, freed } = this.#options
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
      const late = (): void => {
        code = 'ETIMEDOUT'
        socket.destroy()
      }
      socket.setTimeout(connectTimeout, late)
      let why = ''
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const told = reached && exchange.phase === 'connecting' ? handshakeError(error) : error
        code = errorCode(told, end)
        why = told.message
      })
      socket.once(tls === null ? 'connect' : 'secureConnect', () => {
        exchange.onInterrupt = null
        socket.setTimeout(0)
        // It would end the worker's connection at the next timeout that is set, whatever that is for.
        socket.off('timeout', late)
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
   * nothing to join any more: the client still has its own connection then.
   * @param receive what the client gets to see of the answer's fields; absent: all, and whatever comes of the request
   *   is the lane's. Else it settles once the worker has answered, or with what is to be answered otherwise: the client
   *   has its connection back for that.
   */
  async join(
    client: UpgradeClient,
    head: string,
    exchange: Exchange,
    worker: net.Socket,
    { readTimeout, workerTimeout }: Pick<WorkerOptions, 'readTimeout' | 'workerTimeout'>,
    receive?: Receive,
  ): Promise<{ readonly unasked: Failure } | { readonly back: GivenBack } | null> {
    const proxy = await this.#load()
    if (client.socket.destroyed || !exchange.clientPresent) {
      worker.destroy()
      return { unasked: new Failure('client_left', 'the client left before the upgrade') }
    }
    if (worker.destroyed)
      return { unasked: new Failure('worker_lost', 'the worker closed before it was asked to upgrade') }
    exchange.attempts++
    exchange.workerSince = now()
    exchange.enter('waiting')
    const { socket, rest } = client.release()
    const told = Promise.withResolvers<{ readonly back: GivenBack } | null>()
    const decided = (back: GivenBack | null): void => {
      if (back !== null) client.reclaim()
      told.resolve(back === null ? null : { back })
    }
    const options = {
      ...this.#options,
      readTimeout,
      workerTimeout,
      receive: receive ?? ((answer: ResponseHead) => answer.headers),
      ...(receive && { decided }),
    }
    const passage = new Passage(socket, worker, exchange, options, () => this.#passages.delete(socket))
    this.#passages.set(socket, passage)
    const bytes = Buffer.from(head, 'latin1')
    socket.unshift(rest === null ? bytes : Buffer.concat([bytes, rest]))
    this.#serverFor(proxy).emit('connection', socket)
    socket.resume()
    return receive === undefined ? null : told.promise
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
      // http-proxy-3 lets nothing else pass; the worker gets the protocol that the head names.
      request.headers.upgrade = 'websocket'
      proxy.ws(request, socket, head, options, () => passage.failed('the worker ended the connection'))
    })
    proxy.on('proxyReqWs', (workerRequest, request, socket) =>
      this.#passages.get(socket)?.watch(workerRequest, request),
    )
    proxy.on('error', () => {})
    return server
  }
}
