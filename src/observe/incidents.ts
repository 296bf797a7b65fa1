// Why a worker was lost, as far as it can be seen from outside. A loss waits a moment before it is judged,
// since what the listener does next, and how many others end with it, tell a restart from a death. Writes no log.

import type { Exchange } from '../exchange.ts'
import { isNearTimeout } from '../worker-timeout.ts'
import { inWords, iso } from './clock.ts'
import { clip, LONGEST, shown } from './quote.ts'
import type { Cause } from './sources.ts'
import { inEvidence, type WorkerWord, WorkerWords } from './worker-words.ts'

/** A connection to a worker that ended without a whole answer. */
export interface LostWorker {
  readonly method: string
  readonly url: string
  readonly id: string
  readonly ray: string
  readonly client: string
  readonly clientPresent: boolean
  readonly upstream: string
  readonly slot: number
  /** The worker's process, where it is known. */
  readonly pid?: number | null
  /** Milliseconds since the worker was given the request. */
  readonly ageMs: number
  readonly bytesIn: number
  /** Bytes of the answer that had come. */
  readonly bytesOut: number
  /** `answered`: not lost to us, but ended by its master all the same. */
  readonly how: 'reset' | 'fin' | 'protocol' | 'answered'
  readonly headSeen: boolean
  /** What was seen, in plain words; for `protocol`, what was received. */
  readonly detail: string
}

/** One entry of `incidents[]`, and what a `worker lost` line carries. */
export interface Incident {
  readonly time: string
  readonly cause: Cause
  readonly method: string
  readonly url: string
  readonly id: string
  readonly ray: string
  readonly client: string
  readonly age_ms: number
  readonly bytes_in: number
  readonly bytes_out: number
  readonly client_present: boolean
  readonly slot: number | null
  readonly pid: number | null
  readonly upstream: string
  readonly evidence: readonly string[]
  readonly advice: string
}

const ADVICE: Readonly<Record<Cause, string>> = {
  timeout:
    'Look at what this URL waits for (a query, a lock, another service); a longer worker timeout only hides it.',
  restart:
    'Nothing to do if this was a deploy; a server that is stopped with time to finish its requests loses none.',
  killed:
    'Look for the kernel’s OOM killer (dmesg, the container’s memory limit) and for a crash in the app server’s log.',
  truncated:
    'Look for a traceback in the app’s log at this time: it raised, or closed, in the middle of its answer.',
  protocol: 'Check that --upstream is an HTTP/1.1 server; what it sent is quoted in the evidence.',
}

/** Losses within this of one another belong together. */
const TOGETHER = 1000
/** How long a loss waits for its verdict: when the listener has been tried since, and when it has not. */
const SETTLE = 1250
const SETTLE_UNTRIED = 3000
const PENDING = 64
const KEPT = 50
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
  readonly #report: (incident: Incident) => void
  readonly #pending: Pending[] = []
  /** When each upstream's connections ended lately, settled or not. */
  readonly #ends: { readonly upstream: string; readonly at: number; readonly timedOut: boolean }[] = []
  /** When each upstream last refused; removed when it is there again. */
  readonly #refusing = new Map<string, number>()
  readonly #words = new WorkerWords()
  /** Requests that a worker of known process has just answered, late enough for its master to have given up. */
  readonly #answered: { readonly lost: LostWorker; readonly at: number }[] = []

  constructor(workerTimeout: number | null, report: (incident: Incident) => void) {
    this.#workerTimeout = workerTimeout
    this.#report = report
  }

  /** Times are milliseconds of the monotonic clock. */
  lost(lost: LostWorker, at: number): void {
    if (lost.how === 'answered') {
      this.#mayHaveTimedOut(lost, at)
      return
    }
    const refused = this.#refusing.has(lost.upstream)
    this.#pending.push({ lost, at, time: iso(), answered: false, refused })
    this.#ends.push({ upstream: lost.upstream, at, timedOut: this.#timeoutNear(lost.ageMs) !== null })
    if (this.#ends.length > 4 * PENDING) this.#ends.shift()
    // What was received says it all.
    if (lost.how === 'protocol') this.#judge(this.#pending.pop()!)
    else if (this.#pending.length > PENDING) this.#judge(this.#pending.shift()!)
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
    for (let i = 0; i < this.#pending.length; ) {
      const pending = this.#pending[i]!
      const tried = pending.answered || pending.refused
      if (at - pending.at >= (tried ? SETTLE : SETTLE_UNTRIED)) {
        this.#pending.splice(i, 1)
        this.#judge(pending)
      } else i++
    }
    for (let oldest = this.#answered[0]; oldest !== undefined; oldest = this.#answered[0]) {
      if (at - oldest.at < SETTLE) break
      this.#answered.shift()
      const pid = oldest.lost.pid
      if (pid == null || !this.#words.timedOut(pid)) continue
      this.#judge({ ...oldest, time: iso(), answered: true, refused: false })
    }
    this.#words.forget(at)
    while (this.#ends.length > 0 && at - this.#ends[0]!.at > 2 * SETTLE_UNTRIED) this.#ends.shift()
  }

  /** Judges all that still wait, at the end. */
  flush(): void {
    for (const pending of this.#pending.splice(0)) this.#judge(pending)
  }

  /**
   * A worker gave a whole answer. gunicorn answers 500 from 22 on when its master ends it for its timeout, so that
   * nothing seems lost: what the server says of that process tells.
   */
  #mayHaveTimedOut(lost: LostWorker, at: number): void {
    this.#answered.push({ lost, at })
    if (this.#answered.length > PENDING) this.#answered.shift()
  }

  #judge(pending: Pending): void {
    const { lost } = pending
    const near = this.#ends.filter(
      end => end.upstream === lost.upstream && Math.abs(end.at - pending.at) <= TOGETHER,
    )
    const limit = this.#timeoutNear(lost.ageMs)
    const explained =
      lost.how === 'answered'
        ? { pid: lost.pid ?? null, words: [{ kind: 'timeout', pid: lost.pid ?? 0 }] satisfies WorkerWord[] }
        : this.#words.explain(pending.at, lost.pid ?? null)
    const incident: Incident = {
      time: pending.time,
      cause:
        causeByWords(pending, explained.words) ??
        causeOf(
          pending,
          limit,
          near.every(end => end.timedOut),
        ),
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
      pid: explained.pid,
      upstream: clip(lost.upstream, LONGEST.upstream),
      evidence: [...this.#evidence(pending, limit, near.length - 1), ...explained.words.map(inEvidence)],
      advice: '',
    }
    const told = { ...incident, advice: ADVICE[incident.cause] }
    this.recent.unshift(told)
    if (this.recent.length > KEPT) this.recent.pop()
    this.#report(told)
  }

  /** The timeout that an age is within 2 s of (within half of it, for tiny ones), or null. */
  #timeoutNear(ageMs: number): number | null {
    for (const limit of this.#workerTimeout === null ? USUAL : [this.#workerTimeout]) {
      if (limit > 0 && isNearTimeout(ageMs, limit)) return limit
    }
    return null
  }

  #evidence(pending: Pending, limit: number | null, others: number): string[] {
    const { lost } = pending
    const evidence: string[] = []
    if (lost.how === 'reset') evidence.push('the connection was reset')
    else if (lost.how === 'fin') evidence.push('the worker closed the connection')
    else if (lost.how === 'answered') evidence.push('the worker gave a whole answer as it was ended')
    else evidence.push('the answer was not HTTP')
    if (lost.how === 'answered') evidence.push(lost.detail)
    else if (lost.bytesOut === 0) evidence.push('no byte of the answer had come')
    else if (lost.headSeen)
      evidence.push(`the head and part of the body had come, ${lost.bytesOut} bytes in all`)
    else evidence.push(`${lost.bytesOut} bytes had come, without a whole head`)
    const had = `the worker had had the request for ${inWords(lost.ageMs)}`
    if (limit === null) evidence.push(had)
    else if (this.#workerTimeout === null)
      evidence.push(`${had}; ${inWords(limit)} is a usual worker timeout`)
    else evidence.push(`${had}; the worker timeout is ${inWords(limit)}`)
    if (others > 0) {
      evidence.push(
        `${others} other ${others === 1 ? 'connection' : 'connections'} to this upstream ended within a second`,
      )
    }
    if (lost.how !== 'protocol' && lost.how !== 'answered') {
      if (pending.refused) evidence.push('the listener refused connections')
      else if (pending.answered) evidence.push('the listener still took connections')
      else evidence.push('the listener has not been tried since')
    }
    if (!lost.clientPresent) evidence.push('the client had left')
    // A clean end is told above already; what else was seen is quoted: an error's code, bytes that were no head.
    const told = lost.how === 'answered' || (lost.how === 'fin' && (lost.headSeen || lost.bytesOut === 0))
    if (lost.detail !== '' && !told) evidence.push(shown(lost.detail, LONGEST.detail))
    return evidence
  }
}

/**
 * What the server itself has said comes before what can be guessed. A SIGTERM is an ordinary stop, and SIGABRT what
 * follows a timeout: those two say nothing more by themselves.
 */
function causeByWords({ lost }: Pending, words: readonly WorkerWord[]): Cause | null {
  if (lost.how === 'protocol') return null
  if (words.some(({ kind }) => kind === 'timeout')) return 'timeout'
  for (const word of words) {
    if (word.kind === 'signalled' && word.signal !== 'SIGTERM' && word.signal !== 'SIGABRT') return 'killed'
    if (word.kind === 'app ended') return word.status === 0 ? 'restart' : 'killed'
  }
  return null
}

/**
 * The table of causes. A listener that refuses means that the server as a whole is going, whatever the age,
 * unless each of those that ended together was at the timeout's age.
 */
function causeOf(pending: Pending, limit: number | null, allTimedOut: boolean): Cause {
  if (pending.lost.how === 'protocol') return 'protocol'
  if (limit !== null && (!pending.refused || allTimedOut)) return 'timeout'
  if (pending.refused) return 'restart'
  return pending.lost.headSeen ? 'truncated' : 'killed'
}

/** A whole answer of a worker whose process is known, as `lost` takes it. */
export function answeredBy(x: Exchange, url: string): LostWorker {
  const { method, id, ray, client, clientPresent, upstream, slot, pid, bytesIn, bytesOut } = x
  const given = { method, id, ray, client, clientPresent, upstream, slot, pid, bytesIn, bytesOut, url }
  const ageMs = x.timers.wait + x.timers.respond
  const detail = `the answer had the status ${x.status}`
  return { ...given, ageMs, how: 'answered', headSeen: true, detail }
}
