// Warnings that would otherwise repeat with every request: one of a kind a minute. Knows nothing of their causes.

import { now } from './clock.ts'

const AGAIN_AFTER_MS = 60_000
/** So many kinds are remembered; some name a peer, and of those there may be any number. */
const REMEMBERED = 1_000

export class Warnings {
  readonly #given = new Map<string, number>()
  readonly #write: (message: string) => void

  constructor(write: (message: string) => void) {
    this.#write = write
  }

  /** Gives the warning, unless the same was given within the last minute. */
  give(message: string): void {
    const at = now()
    if (at - (this.#given.get(message) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return
    if (this.#given.size >= REMEMBERED) this.#given.clear()
    this.#given.set(message, at)
    this.#write(message)
  }
}
