// Bytes that were written to a client and that the kernel has not taken yet: waits until they are gone, and
// tells when the client has stopped reading. Made only for clients that do not keep up.

import type { Duplex } from 'node:stream'
import { type Clock, now, type Timed } from '../clock.ts'

const NOTHING = Buffer.alloc(0)

export interface BacklogOptions {
  readonly clock: Clock
  readonly socket: Duplex
  /** Without progress for so long, in milliseconds, the client has stopped reading. */
  readonly sendTimeout: number
  /** Everything has gone to the kernel, or the socket is gone. */
  gone(): void
  /** The client reads no more; so many bytes wait. */
  stalled(bytes: number): void
}

export class Backlog implements Timed {
  deadline = 0
  place = -1
  readonly #options: BacklogOptions
  #before: number

  constructor(options: BacklogOptions) {
    this.#options = options
    this.#before = this.#waiting()
    options.clock.set(this, now() + options.sendTimeout)
    // An empty write is called back when all before it has gone; `drain` would not come for few bytes.
    options.socket.write(NOTHING, () => {
      options.clock.clear(this)
      options.gone()
    })
  }

  // libuv's queue shrinks while one large write is under way, the stream's own count only when it is done; Node's
  // own socket timeout looks at both in the same way.
  #waiting(): number {
    const { socket } = this.#options
    const handle = (socket as { _handle?: { writeQueueSize?: number } | null })._handle
    return socket.writableLength + (handle?.writeQueueSize ?? 0)
  }

  expired(at: number): void {
    const waiting = this.#waiting()
    if (waiting === this.#before) {
      this.#options.stalled(waiting)
      return
    }
    this.#before = waiting
    this.#options.clock.set(this, at + this.#options.sendTimeout)
  }
}
