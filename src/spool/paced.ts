// Answers that are sent at their client's pace for want of room, in the order in which they came to it, and let on in that
// order when there is room again. Holds no bytes, and does not say when there is room.

import type { Spool } from './spool.ts'

/** About what an answer takes when it is let on, in bytes. */
const ONE_STEP = 64 * 1024

export class PacedSpools {
  readonly #all = new Set<Spool>()
  readonly #room: () => number
  #waking: NodeJS.Immediate | null = null
  #closed = false

  /** @param room how many bytes of memory are free */
  constructor(room: () => number) {
    this.#room = room
  }

  get size(): number {
    return this.#all.size
  }

  add(spool: Spool): void {
    if (!this.#closed) this.#all.add(spool)
  }

  /** It goes at the worker's pace again, or has ended; harmless when it is not here. */
  remove(spool: Spool): void {
    if (this.#all.size > 0) this.#all.delete(spool)
  }

  /** Something came back: in the next turn as many are let on as there is room for, one at least. */
  wake(): void {
    if (this.#all.size === 0 || this.#waking !== null) return
    this.#waking = setImmediate(() => {
      this.#waking = null
      let steps = Math.max(1, Math.ceil(this.#room() / ONE_STEP))
      for (const spool of [...this.#all]) {
        if (spool.tryAgain() && --steps === 0) break
      }
    })
  }

  /** Lets nobody on any more. */
  close(): void {
    this.#closed = true
    this.#all.clear()
    if (this.#waking !== null) clearImmediate(this.#waking)
    this.#waking = null
  }
}
