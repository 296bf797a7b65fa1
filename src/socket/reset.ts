// Cutting a connection so that the other side knows it was cut: a reset where there is such a thing.

import type { ByteStream } from './byte-stream.ts'

/**
 * Resets a TCP connection (RST: what is unsent is dropped, the peer's next read or write fails); any other kind of
 * socket knows no reset, Node throws ERR_INVALID_HANDLE_TYPE for it, and it is destroyed.
 */
export function resetSocket(socket: ByteStream): void {
  const tcp = socket as ByteStream & { resetAndDestroy?: () => void }
  try {
    if (tcp.resetAndDestroy === undefined) socket.destroy()
    else tcp.resetAndDestroy()
  } catch {
    socket.destroy()
  }
}
