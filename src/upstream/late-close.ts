// Our FIN to workers that have answered and not closed: two milliseconds after the answer was complete, for
// all that completed meanwhile at once, so that it costs no timer a request. Where the worker closes first, as
// most do, TIME_WAIT and the ephemeral port stay on its side.

import type { Socket } from 'node:net'

const AFTER_MS = 2

let waiting: Socket[] = []
let armed = false

function closeAll(): void {
  const due = waiting
  waiting = []
  armed = false
  for (const socket of due) if (!socket.destroyed) socket.end()
}

export const LateClose = {
  /** Sends FIN on this socket soon, unless it has been closed by then. Never a reset. */
  of(socket: Socket): void {
    waiting.push(socket)
    if (armed) return
    armed = true
    setTimeout(closeAll, AFTER_MS)
  },
}
