// A plain socket from the edge, whose bytes are lent to its owner (lent.ts) instead of going through Node's stream. It knows
// no HTTP, and what it reads while nobody takes it that way goes through the stream after all.

import net from 'node:net'
import type { Duplex } from 'node:stream'
import { lendingBuffer, lent, PIECE } from '../lent.ts'

type Take = (bytes: Buffer) => void

/** Of every socket from the edge. Half-open: a client may send FIN and still read its answer. */
export const EDGE_OPTIONS = { allowHalfOpen: true, highWaterMark: PIECE } as const

export class EdgeSocket extends net.Socket {
  /** Who is lent what comes; null: the stream gets it. */
  taker: Take | null = null

  /** @param handle a connection that was accepted: Node's own object for it */
  constructor(handle: unknown) {
    const callback = (count: number): boolean => {
      const { taker } = this
      if (taker === null) return this.push(Buffer.from(lent(count)))
      taker(lent(count))
      return true
    }
    const onread = { buffer: lendingBuffer, callback }
    super({ ...EDGE_OPTIONS, handle, onread } as net.SocketConstructorOpts)
    // Answers are written in one piece, so Nagle's algorithm would only hold back the last segment of those that are not.
    this.setNoDelay(true)
  }
}

/** What comes on a client's socket is this one's from now on; it may be gone when it returns. */
export function hear(socket: Duplex, take: Take): void {
  if (socket instanceof EdgeSocket) socket.taker = take
  // Also where bytes are lent: what was read before this, and put back, comes through the stream.
  socket.on('data', take)
}

/** It is nobody's for now: what comes waits in the stream. */
export function unhear(socket: Duplex): void {
  if (socket instanceof EdgeSocket) socket.taker = null
  socket.removeAllListeners('data')
}

interface ListeningHandle {
  onconnection?: (this: unknown, status: number, handle: unknown) => void
}

/**
 * Has a server that listens make such sockets of what it accepts. Node can be told `onread` only of sockets that connect
 * (lib/net.js, onconnection): where its inside is another, the server goes on as it would.
 */
export function lendAccepted(server: net.Server, accept: (socket: net.Socket) => void): void {
  const handle = (server as { _handle?: ListeningHandle | null })._handle
  const usual = handle?.onconnection
  if (!handle || typeof usual !== 'function') return
  handle.onconnection = function (status, accepted) {
    if (status === 0 && accepted) accept(new EdgeSocket(accepted))
    else usual.call(this, status, accepted)
  }
}
