// A client's connection that takes no more than a rate lets it: stands between the delivery and the connection, keeps what
// may not go yet of one piece, and sends it on as the coarse clock comes to it.

import { type Clock, now, type Timed } from '../clock.ts'
import type { ClientWriter } from './delivery.ts'
import type { Rate } from './rate.ts'

export class PacedClient implements ClientWriter, Timed {
  deadline = 0
  place = -1
  onWritable: (() => void) | null = null
  readonly #client: ClientWriter
  readonly #rate: Rate
  readonly #clock: Clock
  #held: Buffer | null = null

  constructor(client: ClientWriter, rate: Rate, clock: Clock) {
    this.#client = client
    this.#rate = rate
    this.#clock = clock
  }

  get flushed(): boolean {
    return this.#held === null && this.#client.flushed
  }

  write(bytes: Buffer | string): boolean {
    this.#held = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    return this.#go(now())
  }

  /** It is time for more. */
  expired(at: number): void {
    // Nobody waits any more: the answer has ended otherwise.
    if (this.onWritable === null) this.#held = null
    else if (this.#go(at)) this.#wake()
  }

  // Sends what may go; true: all of it went, and the connection has room for more.
  #go(at: number): boolean {
    const held = this.#held!
    const allowed = Math.min(this.#rate.allowed(at), held.length)
    this.#held = allowed === held.length ? null : held.subarray(allowed)
    const room = allowed === 0 || this.#client.write(held.subarray(0, allowed))
    if (allowed > 0) this.#rate.took(allowed)
    if (!room) this.#client.onWritable = this.#onRoom
    else if (this.#held !== null) this.#clock.set(this, this.#rate.nextAt)
    return room && this.#held === null
  }

  readonly #onRoom = (): void => {
    if (this.#held === null) this.#wake()
    else if (this.onWritable !== null) this.#clock.set(this, now())
  }

  #wake(): void {
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
  }
}
