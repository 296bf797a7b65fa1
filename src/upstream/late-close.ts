// Our FIN to workers that have answered and not closed: two to four milliseconds after the answer was complete, for
// all that completed meanwhile at once, so that it costs no timer a request. Where the worker closes first, as
// most do, TIME_WAIT and the ephemeral port stay on its side.

import type { ByteStream } from '../socket/byte-stream.ts'

const AFTER_MS = 2

/** Those of the period that runs, and those of the one before: whoever came late in it gets its time as well. */
let fresh: ByteStream[] = []
let waiting: ByteStream[] = []

// Under load a turn of the loop takes longer than that, and FINs that came in it are not read yet when the timer is
// looked at: the kernel is asked once more first, and most have hung up by then.
function afterPolling(): void {
  setImmediate(closeAll)
}

function closeAll(): void {
  const due = waiting
  waiting = fresh
  fresh = []
  if (waiting.length > 0) setTimeout(afterPolling, AFTER_MS)
  for (const socket of due) if (!socket.destroyed) socket.end()
}

export const LateClose = {
  /** Sends FIN on this socket soon, unless it has been closed by then. Never a reset. */
  of(socket: ByteStream): void {
    // While anybody waits, the timer runs.
    if (fresh.length === 0 && waiting.length === 0) setTimeout(afterPolling, AFTER_MS)
    fresh.push(socket)
  },
}
