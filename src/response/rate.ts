// How fast an answer may go out: what `limit_rate`, `limit_rate_after`, `set $limit_rate` and the app said, and how many
// bytes that lets go by now. A calculation: it waits for nothing.
//
// nginx (ngx_http_write_filter) lets go what a second does at once, too, and then waits for as long as that takes.

import type { Script } from '../config/nginx/site.ts'
import { readSize } from '../config/nginx/units.ts'
import type { Visit } from '../visit.ts'

/** The rate that holds for the visit as it stands; null: none does. */
export function rateOf(visit: Visit): Rate | null {
  const { limitRate, limitRateAfter } = visit.settings
  const rate = visit.limitRate ?? sizeOf(visit, limitRate)
  return rate === 0 ? null : new Rate(rate, sizeOf(visit, limitRateAfter))
}

/** Bytes that a text comes to. What is no size is no limit, and the error log says so. */
export function sizeOf(visit: Visit, script: Script | null): number {
  if (script === null) return 0
  const text = visit.text(script)
  const bytes = readSize(text)
  if (bytes === null) visit.site.logs.error('error', `invalid size "${text}"`, visit)
  return bytes ?? 0
}

/** Each second, from the first byte on, lets go so many bytes at once; what it did not use is lost. */
export class Rate {
  readonly #perSecond: number
  #free: number
  /** When the first second began, in milliseconds; -1: nothing has been asked yet. */
  #since = -1
  /** Which second it is, and how many bytes went in it. */
  #second = 0
  #used = 0

  /** @param free bytes that go at once, before any count */
  constructor(perSecond: number, free: number) {
    this.#perSecond = perSecond
    this.#free = free
  }

  /** How many bytes may go now; 0: none before `nextAt`. */
  allowed(at: number): number {
    if (this.#since === -1) this.#since = at
    const second = Math.floor((at - this.#since) / 1000)
    if (second > this.#second) [this.#second, this.#used] = [second, 0]
    return this.#free + this.#perSecond - this.#used
  }

  /** When the next second begins. */
  get nextAt(): number {
    return this.#since + (this.#second + 1) * 1000
  }

  took(bytes: number): void {
    const free = Math.min(this.#free, bytes)
    this.#free -= free
    this.#used += bytes - free
  }
}
