// The losses of workers on their way to a verdict: a loss waits a moment before it is judged, since what the listener
// does next, and how many others end with it, tell a restart from a death. Owns who waits, and the latest; writes no log.

import { isNearTimeout, isWhenKilled } from '../worker-timeout.ts'
import { iso } from './clock.ts'
import type { Incident, LostWorker } from './loss.ts'
import type { MemoryDeaths } from './memory-deaths.ts'
import { clip, LONGEST } from './quote.ts'
import type { Cause } from './sources.ts'
import { verdictOf } from './verdict.ts'
import { type WorkerWord, WorkerWords } from './worker-words.ts'

/** Losses within this of one another belong together. */
const TOGETHER = 1000
/** How long a loss waits for its verdict: when the listener has been tried since, and when it has not. */
const SETTLE = 1250
const SETTLE_UNTRIED = 3000
const PENDING = 64
const KEPT = 100
/** Upstreams whose listener is remembered. */
const LISTENERS = 256
/** The usual worker timeouts, for when ours is not known: gunicorn's default, and what people set. */
const USUAL = [30_000, 60_000, 120_000] as const

interface Pending {
  readonly lost: LostWorker
  readonly at: number
  readonly time: string
  answered: boolean
  refused: boolean
}

export class Incidents {
  /** The latest first. */
  readonly recent: Incident[] = []
  readonly #workerTimeout: number | null
  readonly #report: (incident: Incident, route: string) => void
  readonly #memory: MemoryDeaths | null
  readonly #pending: Pending[] = []
  /** When each upstream's connections ended lately, settled or not. */
  readonly #ends: { readonly upstream: string; readonly at: number; readonly timedOut: boolean }[] = []
  /** When each upstream last refused; removed when it is there again. */
  readonly #refusing = new Map<string, number>()
  readonly #words = new WorkerWords()
  /** Requests that were answered in full, by a worker whose master may have given up on it. */
  readonly #answered: { readonly lost: LostWorker; readonly at: number }[] = []

  /** @param memory null where nobody looks at the kernel's counters */
  constructor(
    workerTimeout: number | null,
    report: (incident: Incident, route: string) => void,
    memory: MemoryDeaths | null = null,
  ) {
    this.#workerTimeout = workerTimeout
    this.#report = report
    this.#memory = memory
  }

  /** Times are milliseconds of the monotonic clock. */
  lost(lost: LostWorker, at: number): void {
    if (lost.how === 'answered') {
      this.#answered.push({ lost, at })
      if (this.#answered.length > PENDING) this.#answered.shift()
      return
    }
    if (lost.pid != null) this.#words.reserve(lost.pid, at)
    const refused = this.#refusing.has(lost.upstream)
    this.#pending.push({ lost, at, time: iso(), answered: false, refused })
    this.#ends.push({ upstream: lost.upstream, at, timedOut: this.#timeoutNear(lost.ageMs) !== null })
    if (this.#ends.length > 4 * PENDING) this.#ends.shift()
    // What was received says it all, unless it came in the middle of an answer.
    if (lost.how === 'protocol' && !lost.headSeen) this.#judge(this.#pending.pop()!, at)
    else if (this.#pending.length > PENDING) this.#judge(this.#pending.shift()!, at)
  }

  /** The app server, or the app as a whole, had something to say. */
  heard(word: WorkerWord, at: number): void {
    this.#words.hear(word, at)
  }

  /** The listener of an upstream took a connection, or refused one. */
  listener(upstream: string, there: boolean, at: number): void {
    if (there) this.#refusing.delete(upstream)
    else if (this.#refusing.size < LISTENERS || this.#refusing.has(upstream)) this.#refusing.set(upstream, at)
    for (const pending of this.#pending) {
      if (pending.lost.upstream !== upstream) continue
      if (there) pending.answered = true
      else pending.refused = true
    }
  }

  /** Whether what a listener does is evidence now. */
  get watching(): boolean {
    return this.#pending.length > 0 || this.#refusing.size > 0
  }

  /** Judges those that have waited long enough. */
  settle(at: number): void {
    this.#memory?.tick(at)
    // What one restart has ended together is judged together, and so becomes one line.
    let restarted: Pending | null = null
    for (let i = 0; i < this.#pending.length; ) {
      const pending = this.#pending[i]!
      if (isReady(pending, at) || (restarted !== null && belongTogether(restarted, pending))) {
        this.#pending.splice(i, 1)
        if (this.#judge(pending, at) === 'restart') restarted = pending
      } else i++
    }
    for (let oldest = this.#answered[0]; oldest !== undefined; oldest = this.#answered[0]) {
      if (at - oldest.at < SETTLE) break
      this.#answered.shift()
      const words = this.#whyAnswered(oldest.lost)
      if (words !== null) this.#judge({ ...oldest, time: iso(), answered: true, refused: false }, at, words)
    }
    this.#words.forget(at)
    while (this.#ends.length > 0 && at - this.#ends[0]!.at > 2 * SETTLE_UNTRIED) this.#ends.shift()
  }

  /** Judges all that still wait, at the end. */
  flush(at: number): void {
    for (const pending of this.#pending.splice(0)) this.#judge(pending, at)
  }

  /**
   * Why a whole answer is an incident all the same, and null where it is none. gunicorn answers 500 from version 22 on
   * when it ends a worker for its timeout, so that nothing seems lost: what the server says of that process tells; where
   * it says nothing to us, an answer of the server's own at the age at which it kills.
   */
  #whyAnswered({ pid, serversOwn, ageMs }: LostWorker): readonly WorkerWord[] | null {
    if (pid != null && this.#words.timedOut(pid)) return [{ kind: 'timeout', pid }]
    const limit = this.#workerTimeout
    return serversOwn === true && limit !== null && limit > 0 && isWhenKilled(ageMs, limit) ? [] : null
  }

  /** @param told for a whole answer: what the server said of its worker */
  #judge(pending: Pending, at: number, told?: readonly WorkerWord[]): Cause {
    const { lost, answered, refused } = pending
    const near = this.#ends.filter(
      end => end.upstream === lost.upstream && Math.abs(end.at - pending.at) <= TOGETHER,
    )
    const ofServer =
      told === undefined
        ? this.#words.explain(pending.at, lost.pid ?? null)
        : { pid: lost.pid ?? null, words: told }
    const { cause, evidence, advice } = verdictOf({
      lost,
      answered,
      refused,
      limit: this.#timeoutNear(lost.ageMs),
      limitKnown: this.#workerTimeout !== null,
      // A whole answer was no end of a connection before its time.
      others: near.length - (told === undefined ? 1 : 0),
      allTimedOut: near.every(end => end.timedOut),
      words: ofServer.words,
      memory: this.#memory === null ? null : () => this.#memory!.explain(at),
    })
    const incident: Incident = {
      time: pending.time,
      cause,
      method: clip(lost.method, LONGEST.method),
      url: clip(lost.url, LONGEST.url),
      id: clip(lost.id, LONGEST.id),
      ray: clip(lost.ray, LONGEST.ray),
      client: clip(lost.client, LONGEST.client),
      age_ms: Math.round(lost.ageMs * 10) / 10,
      bytes_in: lost.bytesIn,
      bytes_out: lost.bytesOut,
      client_present: lost.clientPresent,
      slot: lost.slot < 0 ? null : lost.slot,
      pid: ofServer.pid,
      upstream: clip(lost.upstream, LONGEST.upstream),
      evidence,
      advice,
    }
    this.recent.unshift(incident)
    if (this.recent.length > KEPT) this.recent.pop()
    this.#report(incident, lost.route)
    return cause
  }

  /** The timeout that an age is near, or null. */
  #timeoutNear(ageMs: number): number | null {
    for (const limit of this.#workerTimeout === null ? USUAL : [this.#workerTimeout]) {
      if (limit > 0 && isNearTimeout(ageMs, limit)) return limit
    }
    return null
  }
}

function isReady({ at, answered, refused }: Pending, now: number): boolean {
  return now - at >= (answered || refused ? SETTLE : SETTLE_UNTRIED)
}

function belongTogether(one: Pending, other: Pending): boolean {
  return other.refused && other.lost.upstream === one.lost.upstream && other.at - one.at <= TOGETHER
}
