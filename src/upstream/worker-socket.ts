// The socket to a worker, with one difference to Node's own: when a write fails, what the worker had sent before is
// still read. It knows no HTTP.

import { readSync } from 'node:fs'
import net from 'node:net'

const PIECE = 64 * 1024
/** An answer that comes before the request was read is short; an endless one must not keep the loop. */
const MOST = 16 * 1024 * 1024

/**
 * A worker that refuses a body answers and closes without reading the rest: the kernel resets the connection, our
 * next write fails, and Node destroys the socket with the answer unread in its receive queue (measured with gunicorn:
 * 33 of 40 answers with 413 lost). Linux keeps that queue after a reset, so it is read here, at the last moment.
 */
export class WorkerSocket extends net.Socket {
  /** Gets what was rescued; returns whether more is wanted. Null once nobody wants any. */
  onRescued: ((chunk: Buffer) => boolean) | null = null

  constructor() {
    super({ allowHalfOpen: true })
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if ((error as NodeJS.ErrnoException | null)?.syscall === 'write' && !this.isPaused()) this.#rescue()
    super._destroy(error, callback)
  }

  #rescue(): void {
    // Node offers no other way to the descriptor; without it the answer is lost, as it was before.
    const fd = (this as { _handle?: { fd?: number } | null })._handle?.fd ?? -1
    const wanted = this.onRescued
    if (fd < 0 || wanted === null) return
    try {
      for (let total = 0; total < MOST; ) {
        const buffer = Buffer.allocUnsafe(PIECE)
        const bytes = readSync(fd, buffer)
        total += bytes
        if (bytes === 0 || !wanted(buffer.subarray(0, bytes))) return
      }
    } catch {
      // EAGAIN: all was read. Anything else: there is nothing to be had.
    }
  }
}
