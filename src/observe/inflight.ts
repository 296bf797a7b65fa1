// The requests that are under way, and the warnings about those that take long. Reads exchanges; the one
// thing it writes in them is its own mark of warnings given.

import { now } from '../clock.ts'
import type { Exchange } from '../exchange.ts'
import { TIMERS, type Timers } from '../phases.ts'
import { Roster } from '../roster.ts'
import { inWords } from './clock.ts'
import { clip, LONGEST } from './quote.ts'
import type { InflightRow } from './sources.ts'

/** Ages worth a warning: the app servers' usual timeouts, and 100 s, when Cloudflare gives up with a 524. */
const AGES = [30_000, 60_000, 100_000] as const
/** Lines in one beat of the clock; beyond it the others are counted in one line. */
const LINES_A_BEAT = 20

/** A row with where the time went so far, in milliseconds; the phase that is under way is among it. */
export interface SlowRow extends InflightRow {
  readonly timers: Timers & { readonly total: number }
}

export type Warn = (row: SlowRow | null, passed: string, others: number) => void

export class InFlight {
  readonly #all = new Roster<Exchange>()
  readonly #url: (x: Exchange) => string
  readonly #workerTimeout: number | null
  readonly #marks: readonly { readonly age: number; readonly ofWorker: boolean; readonly words: string }[]
  readonly #least: number

  constructor(workerTimeout: number | null, url: (x: Exchange) => string) {
    this.#url = url
    this.#workerTimeout = workerTimeout
    const marks = AGES.map(age => ({ age: age as number, ofWorker: false, words: inWords(age) }))
    if (workerTimeout !== null) {
      const whole = inWords(workerTimeout)
      marks.push({
        age: workerTimeout * 0.5,
        ofWorker: true,
        words: `half of the worker timeout of ${whole}`,
      })
      marks.push({
        age: workerTimeout * 0.9,
        ofWorker: true,
        words: `90 % of the worker timeout of ${whole}`,
      })
    }
    this.#marks = marks
    this.#least = Math.min(...marks.map(mark => mark.age))
  }

  get size(): number {
    return this.#all.size
  }

  add(x: Exchange): void {
    this.#all.add(x)
  }

  delete(x: Exchange): void {
    this.#all.delete(x)
  }

  /** The oldest first, at most `limit`. */
  rows(limit: number, at = now()): InflightRow[] {
    const all = [...this.#all].sort((a, b) => a.startedAt - b.startedAt)
    return all.slice(0, limit).map(x => this.row(x, at))
  }

  row(x: Exchange, at = now()): InflightRow {
    return {
      id: clip(x.id, LONGEST.id),
      ray: clip(x.ray, LONGEST.ray),
      client: clip(x.client, LONGEST.client),
      method: clip(x.method, LONGEST.method),
      url: clip(this.#url(x), LONGEST.url),
      // One that its client has left stays here while a worker has it: then where it stood.
      phase: x.phase === 'done' ? (x.failedIn ?? 'delivering') : x.phase,
      age_ms: round(x.workerSince === 0 ? x.age(at) : at - x.startedAt),
      worker_ms: x.workerSince === 0 ? 0 : round(at - x.workerSince),
      slot: x.slot < 0 ? null : x.slot,
      pid: x.pid === 0 ? null : x.pid,
      client_present: x.seemsPresent,
      bytes_in: x.bytesIn,
      bytes_out: x.bytesOut,
      upstream: x.upstream,
    }
  }

  #slowRow(x: Exchange, at: number): SlowRow {
    const row = this.row(x, at)
    const timers = x.timersAt(at)
    for (const timer of TIMERS) timers[timer] = round(timers[timer])
    return { ...row, timers: { ...timers, total: row.age_ms } }
  }

  /** Those that a worker has had for so long, and whose worker is not known by its process. */
  nameless(forMs: number, at = now()): Exchange[] {
    const found: Exchange[] = []
    for (const x of this.#all) {
      if (x.workerSince !== 0 && at - x.workerSince >= forMs && x.pid === 0 && x.nearEnd !== null)
        found.push(x)
    }
    return found
  }

  /**
   * Gives each warning that has come due. The ages count from when the request was whole, and while it is
   * still coming, or only its delivery is left, there is none: those are the client's pace, and have timeouts of their own.
   */
  tick(at: number, warn: Warn): void {
    let given = 0
    let others = 0
    for (const x of this.#all) {
      if (at - x.startedAt < this.#least || x.phase === 'receiving' || x.phase === 'delivering') continue
      const passed = this.#passed(x, at)
      if (passed === '') continue
      if (given++ < LINES_A_BEAT) warn(this.#slowRow(x, at), passed, 0)
      else others++
    }
    if (others > 0) warn(null, '', others)
  }

  /** The last threshold that was newly passed, in words; it marks all that were. */
  #passed(x: Exchange, at: number): string {
    const age = at - x.startedAt - x.timers.receive
    const worker = x.workerSince === 0 ? 0 : at - x.workerSince
    let words = ''
    let longest = -1
    for (let i = 0; i < this.#marks.length; i++) {
      const mark = this.#marks[i]!
      if ((x.warned & (1 << i)) !== 0 || (mark.ofWorker ? worker : age) < mark.age) continue
      x.warned |= 1 << i
      // The worker's own limit tells more than a round number.
      const weight = mark.ofWorker && this.#workerTimeout !== null ? mark.age + 1e9 : mark.age
      if (weight > longest) {
        longest = weight
        words = mark.words
      }
    }
    return words
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
