// The end of a connection after its last answer: our FIN is sent, and what the client still sends is read and
// thrown away for a bounded time, since a close with unread bytes becomes a reset that can destroy the answer
// before the client has read it (nginx's lingering_close; measured: 0 of 20 clients saw a 413 without it).

import { type Clock, now, type Timed } from '../clock.ts'
import type { ByteStream } from '../socket/byte-stream.ts'

/** Without a byte for so long, the client is done: nginx's lingering_timeout. */
const QUIET_MS = 5_000
/** In all, however much still comes: nginx's lingering_time. */
const TOTAL_MS = 30_000

export class Linger implements Timed {
  deadline = 0
  place = -1
  readonly #clock: Clock
  readonly #socket: ByteStream
  readonly #until: number

  constructor(clock: Clock, socket: ByteStream) {
    this.#clock = clock
    this.#socket = socket
    const at = now()
    this.#until = at + TOTAL_MS
    clock.set(this, at + QUIET_MS)
  }

  /** Bytes came and are not wanted; the quiet time begins again, within the total. */
  discard(bytes: number): void {
    if (bytes > 0 && this.deadline !== 0) this.#clock.set(this, Math.min(now() + QUIET_MS, this.#until))
  }

  stop(): void {
    this.#clock.clear(this)
  }

  expired(): void {
    this.#socket.destroy()
  }
}
