// The socket to a worker. Two differences to Node's own: what comes is read into one buffer that all of them share,
// and when a write fails, what the worker had sent before is still read. It knows no HTTP.

import { readSync } from 'node:fs'
import net from 'node:net'
import { lendingBuffer, lent, PIECE } from '../lent.ts'
import { openSecurely } from './secure-socket.ts'
import type { Endpoint } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'

/** An answer that comes before the request was read is short; an endless one must not keep the loop. */
const MOST = 16 * 1024 * 1024

/** Who is told what happens to the connection. */
export interface WorkerSocketOwner {
  /**
   * The connect has begun, without TLS: the connection may stand already, though Node does not know it yet.
   * @returns whether it was found to
   */
  begun(): boolean
  connected(): void
  /** The bytes are the owner's until it returns: they lie in memory that the next read overwrites. */
  received(bytes: Buffer): void
  /** The worker's FIN. */
  ended(): void
  failed(error: NodeJS.ErrnoException): void
  /** The last call. */
  closed(): void
  /** After a failed write: bytes as in `received`. Returns whether more is wanted. */
  rescued(bytes: Buffer): boolean
}

// Shared by all sockets, as closures for each would be five allocations a request.
function onConnect(this: WorkerSocket): void {
  this.owner.connected()
}

function onEnd(this: WorkerSocket): void {
  this.owner.ended()
}

function onError(this: WorkerSocket, error: Error): void {
  this.owner.failed(error)
}

function onClose(this: WorkerSocket): void {
  this.owner.closed()
}

/**
 * A worker that refuses a body answers and closes without reading the rest: the kernel resets the connection, our
 * next write fails, and Node destroys the socket with the answer unread in its receive queue (measured with gunicorn:
 * 33 of 40 answers with 413 lost). Linux keeps that queue after a reset, so it is read here, at the last moment.
 */
export class WorkerSocket extends net.Socket {
  readonly owner: WorkerSocketOwner
  /** Something was sent on it, before Node knew that it stands. */
  #stands = false

  constructor(owner: WorkerSocketOwner) {
    const callback = (bytes: number): boolean => {
      owner.received(lent(bytes))
      return true
    }
    super({ allowHalfOpen: true, onread: { buffer: lendingBuffer, callback } })
    this.owner = owner
    this.on('connect', onConnect)
    this.on('end', onEnd)
    this.on('error', onError)
    this.on('close', onClose)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { syscall } = (error ?? {}) as NodeJS.ErrnoException
    // A connection that Node had not heard of yet fails as its connect.
    if ((syscall === 'write' || (syscall === 'connect' && this.#stands)) && !this.isPaused()) this.#rescue()
    super._destroy(error, callback)
  }

  /** Its connect has begun. */
  begun(): void {
    this.#stands = this.connecting && this.owner.begun()
  }

  #rescue(): void {
    // Node offers no other way to the descriptor; without it the answer is lost, as it was before.
    const fd = (this as { _handle?: { fd?: number } | null })._handle?.fd ?? -1
    if (fd < 0) return
    try {
      for (let total = 0; total < MOST; ) {
        // Not the shared one: a failed write may be noticed while that is still being looked at.
        const buffer = Buffer.allocUnsafe(PIECE)
        const bytes = readSync(fd, buffer)
        total += bytes
        if (bytes === 0 || !this.owner.rescued(buffer.subarray(0, bytes))) return
      }
    } catch {
      // EAGAIN: all was read. Anything else: there is nothing to be had.
    }
  }
}

/** A connection to there, begun at once. @param tls by which it is secured; absent or null: it is not */
export function openSocket(
  owner: WorkerSocketOwner,
  endpoint: Endpoint,
  tls: SecureTerms | null = null,
): net.Socket {
  if (tls !== null) return openSecurely(owner, endpoint, tls)
  const socket = new WorkerSocket(owner).connect(endpoint)
  // Right after Node's own call of connect(2), which comes by nextTick as well (lib/net.js, lookupAndConnect).
  process.nextTick(onBegun, socket)
  return socket
}

function onBegun(socket: WorkerSocket): void {
  socket.begun()
}
