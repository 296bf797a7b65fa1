// Bytes that were written to a client and that the kernel has not taken yet: waits until they are gone, and
// tells when the client has stopped reading. Made only for clients that do not keep up.

import { type Clock, now, type Timed } from '../clock.ts'
import { type ByteStream, onceFlushed, unsent } from '../socket/byte-stream.ts'

export interface BacklogOptions {
  readonly clock: Clock
  readonly socket: ByteStream
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
    this.#before = unsent(options.socket)
    options.clock.set(this, now() + options.sendTimeout)
    onceFlushed(options.socket, () => {
      options.clock.clear(this)
      options.gone()
    })
  }

  expired(at: number): void {
    const waiting = unsent(this.#options.socket)
    if (waiting === this.#before) {
      this.#options.stalled(waiting)
      return
    }
    this.#before = waiting
    this.#options.clock.set(this, at + this.#options.sendTimeout)
  }
}
