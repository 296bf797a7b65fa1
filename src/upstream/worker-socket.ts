// The connection to a worker, as a socket: begins to connect, and when a write fails still reads what the worker had sent
// before. It knows no HTTP.

import { readSync } from 'node:fs'
import net from 'node:net'
import type { Endpoint } from '../kernel/listeners.ts'
import { type ByteStream, type Connection, hear } from '../socket/byte-stream.ts'
import { type ConnectRequest, type Handles, handles, SOCKET } from '../socket/handles.ts'
import { PIECE } from '../socket/lent.ts'
import { PlainSocket, type SocketOwner } from '../socket/plain-socket.ts'
import type { LocalEnd } from './local-end.ts'
import type { Begun } from './outgoing-request.ts'
import { openSecurely } from './secure-socket.ts'
import type { SecureTerms } from './upstream-tls.ts'

/** An answer that comes before the request was read is short; an endless one must not keep the loop. */
const MOST = 16 * 1024 * 1024

const EADDRINUSE = -98

/** Who is told what happens to the connection. */
export interface WorkerSocketOwner extends SocketOwner {
  /**
   * The connect has begun, without TLS: the connection may stand already, though Node does not know it yet.
   * @returns whether it was found to
   */
  begun(socket: Begun): boolean
  connected(): void
  failed(error: NodeJS.ErrnoException): void
  /** After a failed write: bytes as in `received`. Returns whether more is wanted. */
  rescued(bytes: Buffer): boolean
}

/** What is asked of it once it is open. */
export interface WorkerStream extends ByteStream, Connection {
  setNoDelay(on: boolean): unknown
  /** Connects, where it has not yet, and tells its owner: `begun`, where it can be. */
  begin?(): void
}

const { Tcp, Pipe, TcpConnect, PipeConnect } = handles ?? ({} as Handles)

/**
 * A worker that refuses a body answers and closes without reading the rest: the kernel resets the connection and our
 * next write fails, with the answer unread in the receive queue (measured with gunicorn: 33 of 40 answers with 413 lost).
 * Linux keeps that queue after a reset, so it is read here, at the last moment.
 */
class WorkerSocket extends PlainSocket {
  declare owner: WorkerSocketOwner
  readonly #endpoint: Endpoint & Partial<LocalEnd>
  /** Something was sent on it, before Node knew that it stands. */
  #stands = false

  constructor(owner: WorkerSocketOwner, endpoint: Endpoint & Partial<LocalEnd>) {
    super('path' in endpoint ? new Pipe(SOCKET) : new Tcp(SOCKET))
    this.owner = owner
    this.#endpoint = endpoint
    this.connecting = true
    this.resume()
  }

  begin(): void {
    if (this.destroyed) return
    const { localAddress } = this.#endpoint
    const unbound = localAddress === undefined ? 0 : this.#bind(localAddress)
    const error = unbound === 0 ? this.#connect() : unbound
    if (error === 0) this.#stands = this.owner.begun(this)
    else if (unbound === 0) this.fail(error, 'connect')
    else this.fail(error, 'bind', localAddress)
  }

  #connect(): number {
    const { handle } = this
    const endpoint = this.#endpoint
    const request = 'path' in endpoint ? new PipeConnect() : new TcpConnect()
    request.owner = this
    request.oncomplete = onConnected
    if ('path' in endpoint) return handle.connect(request, endpoint.path)
    const { host, port } = endpoint
    return isV6(endpoint) ? handle.connect6!(request, host, port) : handle.connect(request, host, port)
  }

  #bind(address: string): number {
    const { handle } = this
    const { localPort: port = 0 } = this.#endpoint
    const error = isV6(this.#endpoint) ? handle.bind6!(address, port, 0) : handle.bind!(address, port)
    // Of a port in use libuv tells only when it connects (uv_tcp_bind): it is not this one's then.
    return error === 0 && port !== 0 && this.localPort !== port ? EADDRINUSE : error
  }

  /** The handle's. */
  connected(error: number): void {
    if (this.destroyed) return
    if (error !== 0) this.fail(error, 'connect')
    else {
      this.stands()
      this.read()
      this.owner.connected()
    }
  }

  protected override closing(error: NodeJS.ErrnoException | null): void {
    const syscall = error?.syscall
    // A connection that Node had not heard of yet fails as its connect.
    if ((syscall === 'write' || (syscall === 'connect' && this.#stands)) && !this.isPaused()) this.#rescue()
  }

  #rescue(): void {
    if (this.fd < 0) return
    try {
      for (let total = 0; total < MOST; ) {
        // Not the shared one: a failed write may be noticed while that is still being looked at.
        const buffer = Buffer.allocUnsafe(PIECE)
        const bytes = readSync(this.fd, buffer)
        total += bytes
        if (bytes === 0 || !this.owner.rescued(buffer.subarray(0, bytes))) return
      }
    } catch {
      // EAGAIN: all was read. Anything else: there is nothing to be had.
    }
  }
}

function isV6(endpoint: Endpoint): boolean {
  return 'host' in endpoint && endpoint.host.includes(':')
}

// Shared by all, as closures for each would be allocations for each request.
function onConnected(this: ConnectRequest, error: number): void {
  ;(this.owner as WorkerSocket).connected(error)
}

/** A connection to there. Nobody is told of anything before `begin`, and a plain one connects then. @param tls by which it is secured; absent or null: it is not */
export function openSocket(
  owner: WorkerSocketOwner,
  endpoint: Endpoint & Partial<LocalEnd>,
  tls: SecureTerms | null = null,
): WorkerStream {
  if (tls !== null) return openSecurely(owner, endpoint, tls)
  return handles === null ? openThroughNode(owner, endpoint) : new WorkerSocket(owner, endpoint)
}

/** The same with a stream of Node's, where it gives out nothing else: no head start, and nothing is read after a failed write. */
function openThroughNode(owner: WorkerSocketOwner, endpoint: Endpoint): net.Socket {
  const socket = net.connect({ ...endpoint, allowHalfOpen: true })
  socket.on('connect', () => owner.connected())
  socket.on('error', error => owner.failed(error))
  hear(socket, owner)
  return socket
}
