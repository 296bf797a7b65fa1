// The last ten minutes, second by second: how many requests ended, by who ended them, and how long the queue was. For
// people who open the live page after something has happened. Reads the tally; counts nothing itself.

import { METHODS } from '../route-names.ts'
import { OUTCOMES, STATUS_CLASSES, type Tally } from './tally.ts'

/** One second. The names of the counts are those of `outcome`, without the phase. */
export interface Sample {
  /** Seconds since 1970. */
  readonly at: number
  readonly ok: number
  readonly client: number
  readonly upstream: number
  readonly timeout: number
  readonly proxy: number
  /** Waiting at the end of the second, and for how long the first of them had (milliseconds). */
  readonly queue: number
  readonly oldest: number
}

const SECONDS = 600
/** Requests that have ended, by who ended them. */
export type Counts = Readonly<Record<(typeof WHOS)[number], number>>

const WHOS = ['ok', 'client', 'upstream', 'timeout', 'proxy'] as const

/** Which count each outcome adds to: `client:queued` to `client`. */
const whoOf = OUTCOMES.map(outcome => WHOS.indexOf(outcome.split(':')[0] as (typeof WHOS)[number]))

export class History {
  readonly #samples: Sample[] = []
  #before: Counts | null = null

  /** The oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples
  }

  /**
   * Called once a second.
   * @param counted since the start, by each observer there is
   * @param atMs on the wall clock
   */
  add(atMs: number, counted: readonly Counts[], queue: { length: number; oldestMs: number }): void {
    const counts = sumOf(counted)
    const before = this.#before
    this.#before = counts
    if (before === null) return
    this.#samples.push({
      at: Math.round(atMs / 1000),
      ok: counts.ok - before.ok,
      client: counts.client - before.client,
      upstream: counts.upstream - before.upstream,
      timeout: counts.timeout - before.timeout,
      proxy: counts.proxy - before.proxy,
      queue: queue.length,
      oldest: Math.round(queue.oldestMs),
    })
    if (this.#samples.length > SECONDS) this.#samples.shift()
  }
}

function sumOf(counted: readonly Counts[]): Counts {
  const sum = { ok: 0, client: 0, upstream: 0, timeout: 0, proxy: 0 }
  for (const counts of counted) for (const who of WHOS) sum[who] += counts[who]
  return sum
}

/** What a tally has counted since the start. */
export function countsOf({ requests }: Tally): Counts {
  const counts = { ok: 0, client: 0, upstream: 0, timeout: 0, proxy: 0 }
  const rows = METHODS.length * STATUS_CLASSES.length
  for (let row = 0; row < rows; row++) {
    for (let outcome = 0; outcome < OUTCOMES.length; outcome++) {
      counts[WHOS[whoOf[outcome]!]!] += requests[row * OUTCOMES.length + outcome]!
    }
  }
  return counts
}
