// How fast an answer may go out: what `limit_rate`, `limit_rate_after`, `set $limit_rate` and the app said, and how many
// bytes that lets go by now (ngx_http_write_filter). A calculation: it waits for nothing.

import type { Script } from '../config/nginx/site.ts'
import { readSize } from '../config/nginx/table.ts'
import type { Visit } from '../visit.ts'

/** The rate that holds for the visit as it stands; null: none does. */
export function rateOf(visit: Visit): Rate | null {
  const { limitRate, limitRateAfter } = visit.settings
  const rate = visit.limitRate ?? sizeOf(visit, limitRate)
  return rate === 0 ? null : new Rate(rate, sizeOf(visit, limitRateAfter), visit.exchange.startedAt)
}

// What is no size is no limit, and the error log says so.
function sizeOf(visit: Visit, script: Script | null): number {
  if (script === null) return 0
  const text = visit.text(script)
  const bytes = readSize(text)
  if (bytes === null) visit.site.logs.error('error', `invalid size "${text}"`, visit)
  return bytes ?? 0
}

export class Rate {
  readonly #perSecond: number
  readonly #free: number
  readonly #since: number
  #sent = 0
  #notBefore = 0

  /**
   * @param perSecond bytes
   * @param free bytes that go at once, before it counts
   * @param since when the request came, in milliseconds
   */
  constructor(perSecond: number, free: number, since: number) {
    this.#perSecond = perSecond
    this.#free = free
    this.#since = since
  }

  /** How many bytes may go now; 0: none before `nextAt`. Each second that has begun lets go what a whole one does. */
  allowed(at: number): number {
    if (at < this.#notBefore) return 0
    const seconds = Math.floor((at - this.#since) / 1000) + 1
    return Math.max(0, this.#perSecond * seconds - this.#counted)
  }

  /** When more may go. */
  nextAt(at: number): number {
    const left = this.#counted - this.#perSecond * (Math.floor((at - this.#since) / 1000) + 1)
    return Math.max(this.#notBefore, left < 0 ? at : at + (left * 1000) / this.#perSecond + 1)
  }

  /** So many went: what counts of them takes its time. */
  took(bytes: number, at: number): void {
    const before = Math.max(0, this.#counted)
    this.#sent += bytes
    this.#notBefore = at + ((Math.max(0, this.#counted) - before) * 1000) / this.#perSecond
  }

  get #counted(): number {
    return this.#sent - this.#free
  }
}
