// Plain connections from what a server of Node's accepts (plain-socket.ts), before it makes a stream of each.

import type net from 'node:net'
import { type Handle, handles } from './handles.ts'
import { PlainSocket } from './plain-socket.ts'

interface ListeningHandle {
  onconnection?: (this: unknown, status: number, handle: Handle | undefined) => void
}

/** Has a server that listens give plain connections to `accept`. Where Node's inside is another, it goes on as it would. */
export function acceptPlain(server: net.Server, accept: (socket: PlainSocket) => void): void {
  const handle = (server as { _handle?: ListeningHandle | null })._handle
  const usual = handle?.onconnection
  if (handles === null || !handle || typeof usual !== 'function') return
  handle.onconnection = function (status, accepted) {
    if (status !== 0 || accepted === undefined) {
      usual.call(this, status, accepted)
      return
    }
    const socket = new PlainSocket(accepted)
    // Answers are written in one piece, so Nagle's algorithm would only hold back the last segment of those that are not.
    socket.setNoDelay(true)
    accept(socket)
  }
}
