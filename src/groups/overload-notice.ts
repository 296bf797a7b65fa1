// Tells the log when an overload begins and when it is over, in plain words, and not more often than people want to
// hear of it. Decides nothing.

import type { Logger } from 'pino'
import { now } from '../clock.ts'

const AGAIN_AFTER_MS = 60_000

export class OverloadNotice {
  readonly #log: Pick<Logger, 'warn' | 'info'>
  readonly #whose: { readonly group?: string }
  readonly #at: () => number
  #toldAt = Number.NEGATIVE_INFINITY
  /** Whether the beginning of the present overload was told, so that its end is too. */
  #told = false

  /**
   * @param whose what tells this queue from others, in each line
   * @param at the monotonic clock, in milliseconds
   */
  constructor(
    log: Pick<Logger, 'warn' | 'info'>,
    whose: { readonly group?: string } = {},
    at: () => number = now,
  ) {
    this.#log = log
    this.#whose = whose
    this.#at = at
  }

  /** The order of the queue has changed. @param patienceMs when the first clients leave; null: not known */
  turned(order: 'fifo' | 'newest_first', waiting: number, patienceMs: number | null): void {
    const patience = patienceMs === null ? null : Math.round(patienceMs)
    const fields = { order, ...this.#whose, waiting, patience_ms: patience }
    if (order === 'newest_first') {
      this.#told = this.#at() - this.#toldAt >= AGAIN_AFTER_MS
      if (!this.#told) return
      this.#toldAt = this.#at()
      const detail =
        'more requests than the workers can do: the newest are served first, fairly between clients, and those that ' +
        'cannot be answered before their clients leave get 503 with Retry-After'
      this.#log.warn({ ...fields, detail }, 'overload')
    } else if (this.#told) {
      this.#told = false
      this.#log.info({ ...fields, detail: 'over: requests are served in the order they come' }, 'overload')
    }
  }
}
