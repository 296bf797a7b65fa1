// A socket of Node's over a connection that was ours (plain-socket.ts), for whoever needs a stream: TLS, and the upgrade lane.

import net from 'node:net'
import type { Handle } from './handles.ts'
import { lendingBuffer, lent, PIECE } from './lent.ts'

/** Of every stream from the edge. Half-open: a client may send FIN and still read its answer. */
export const EDGE_OPTIONS = { allowHalfOpen: true, highWaterMark: PIECE } as const

export class StreamOfHandle extends net.Socket {
  constructor(handle: Handle) {
    // The handle reads into our buffer, and cannot be told otherwise.
    const callback = (count: number): boolean => this.push(Buffer.from(lent(count)))
    super({
      ...EDGE_OPTIONS,
      handle,
      onread: { buffer: lendingBuffer, callback },
    } as object)
  }
}
