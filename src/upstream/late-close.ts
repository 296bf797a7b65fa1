// Our FIN to workers that have answered and not closed: two to four milliseconds after the answer was complete, for
// all that completed meanwhile at once, so that it costs no timer a request. Where the worker closes first, as
// most do, TIME_WAIT and the ephemeral port stay on its side.

import type { Socket } from 'node:net'

const AFTER_MS = 2

/** Those of the period that runs, and those of the one before: whoever came late in it gets its time as well. */
let fresh: Socket[] = []
let waiting: Socket[] = []
let armed = false

// Under load a turn of the loop takes longer than that, and FINs that came in it are not read yet when the timer is
// looked at: the kernel is asked once more first, and most have hung up by then.
function afterPolling(): void {
  setImmediate(closeAll)
}

function closeAll(): void {
  const due = waiting
  waiting = fresh
  fresh = []
  armed = false
  for (const socket of due) if (!socket.destroyed) socket.end()
  if (waiting.length > 0) arm()
}

function arm(): void {
  if (armed) return
  armed = true
  setTimeout(afterPolling, AFTER_MS)
}

export const LateClose = {
  /** Sends FIN on this socket soon, unless it has been closed by then. Never a reset. */
  of(socket: Socket): void {
    fresh.push(socket)
    arm()
  },
}
