// An answer that is taken from its worker no faster than a rate (`proxy_limit_rate`): as with nginx, as much as the rate has for
// one second may come at once, and what has come beyond that waits here, and the worker with it. Reads nothing itself.

import { type Clock, now, type Timed } from '../clock.ts'

/** Who the answer is for. */
export interface PacedSink {
  /** Takes a piece, which may change after the call. False: there is no room for more. */
  passOn(piece: Buffer): boolean
  /** All that there is for now has been passed on: a moment to write it out. */
  flush(): void
  /** The worker may give more. */
  goOn(): void
}

/** What waits is passed on in such steps, in milliseconds. */
const STEP_MS = 100

export class AnswerPace implements Timed {
  deadline = 0
  place = -1
  readonly #perSecond: number
  readonly #clock: Clock
  readonly #sink: PacedSink
  #since = -1
  #taken = 0
  readonly #held: Buffer[] = []
  #atEnd: (() => void) | null = null

  /** @param perSecond bytes */
  constructor(perSecond: number, clock: Clock, sink: PacedSink) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#sink = sink
  }

  /** Something waits: the worker is not to be read before `goOn` is called. */
  get waiting(): boolean {
    return this.#held.length > 0
  }

  /** A piece has come, which may change after the call. False: the next ones are to wait. */
  take(piece: Buffer, at = now()): boolean {
    if (this.#since === -1) this.#since = at
    const allowed = this.waiting ? 0 : Math.min(this.#allowed(at), piece.length)
    const room = allowed === 0 || this.#pass(piece.subarray(0, allowed))
    if (allowed === piece.length) return room
    this.#held.push(Buffer.from(piece.subarray(allowed)))
    if (this.deadline === 0) this.#clock.set(this, at + STEP_MS)
    return false
  }

  /** No more will come: `then` is called once all of it is passed on. */
  end(then: () => void): void {
    if (!this.waiting) {
      then()
      return
    }
    this.#atEnd = then
    // By then the worker's memory holds other bytes than those that were passed on and not written out yet.
    this.#sink.flush()
  }

  expired(at: number): void {
    let room = true
    for (let allowed = this.#allowed(at); allowed > 0 && this.waiting; ) {
      const piece = this.#held.shift()!
      const part = piece.subarray(0, allowed)
      if (part.length < piece.length) this.#held.unshift(piece.subarray(part.length))
      allowed -= part.length
      room = this.#pass(part)
    }
    this.#sink.flush()
    if (this.waiting) this.#clock.set(this, at + STEP_MS)
    else if (this.#atEnd !== null) this.#atEnd()
    // Else whoever has no room lets the worker go on once it has.
    else if (room) this.#sink.goOn()
  }

  /** The answer breaks off: what has come of it is passed on. */
  release(): void {
    this.#clock.clear(this)
    for (const piece of this.#held.splice(0)) this.#pass(piece)
  }

  /** Nobody wants what waits. */
  drop(): void {
    this.#clock.clear(this)
    this.#held.length = 0
    this.#atEnd = null
  }

  #allowed(at: number): number {
    return Math.max(0, Math.floor(this.#perSecond * (1 + (at - this.#since) / 1000)) - this.#taken)
  }

  #pass(piece: Buffer): boolean {
    this.#taken += piece.length
    return this.#sink.passOn(piece)
  }
}
