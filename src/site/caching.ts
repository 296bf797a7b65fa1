// What a cache has to do with one request of a place, once it was asked (`cache-look.ts`): what it gives in place of the app's
// answer, and what of that it keeps (what ngx_http_upstream.c does with a cache). Which answers may be kept and how they lie
// on the disk is the cache's own matter.

import type { Fill } from '../cache/fill.ts'
import { type Freshness, readFreshness } from '../cache/freshness.ts'
import { nowInSeconds } from '../cache/moments.ts'
import type { OpenRecord } from '../cache/store.ts'
import type { CacheUse } from '../cache/use.ts'
import type { Failure, FailureCode } from '../errors.ts'
import type { Framing } from '../http1/framing.ts'
import type { HeaderList } from '../http1/headers.ts'
import { parseHttpDate } from '../http1/http-date.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { LocalAnswer, Outcome } from '../outcome.ts'
import { anySaysYes } from '../script/predicates.ts'
import { type Trouble, troubleOfStatus } from '../upstream/next-upstream.ts'
import type { Visit } from '../visit.ts'
import { keptAnswer } from './kept-answer.ts'

/** Failures by which the app cannot be asked, or gives no answer. Of those of the queue nginx knows none. */
const TROUBLES: Readonly<Partial<Record<FailureCode, Trouble>>> = {
  upstream_down: 'error',
  upstream_unknown: 'error',
  upstream_tls: 'error',
  near_end: 'error',
  worker_lost: 'error',
  paused: 'error',
  queue_full: 'error',
  overloaded: 'error',
  queue_timeout: 'timeout',
  edge_timeout: 'timeout',
  read_timeout: 'timeout',
  answer_invalid: 'invalid_header',
}

/** NGX_HTTP_CACHE_ETAG_LEN: longer ones are not asked about. */
const LONGEST_ETAG = 128

export class Caching {
  readonly visit: Visit
  readonly use: CacheUse
  /** What comes may be kept, as far as is known. */
  cacheable = true
  #said: Freshness | null = null

  constructor(visit: Visit, use: CacheUse) {
    this.visit = visit
    this.use = use
  }

  /** Nothing is given, and the app is asked: for the whole answer, where it may be kept. */
  ready(): void {
    const { visit } = this
    if (this.cacheable && asksTooFarIn(visit)) this.cacheable = false
    if (!this.cacheable) return
    const record = visit.cacheStatus === 'EXPIRED' ? (this.use.found?.record ?? null) : null
    const known = visit.settings.cacheRevalidate && record !== null
    visit.keeping = known ? validators(record.status, record.headers) : { modified: null, etag: null }
  }

  /** The method that the app is asked by in place of the client's; null: that. */
  get method(): 'GET' | null {
    return this.visit.method === 'HEAD' && this.visit.settings.cacheConvertsHead ? 'GET' : null
  }

  get #stale(): OpenRecord | null {
    return this.visit.cacheStatus === 'EXPIRED' ? this.use.found : null
  }

  /** Whether what is over may be given while somebody makes it anew. */
  mayBeGivenMeanwhile(): boolean {
    const { validUntil, updatingFor } = this.use.found!.record.times
    return this.visit.settings.cacheStale.includes('updating') || validUntil + updatingFor >= nowInSeconds()
  }

  /** Whether what is over is given since the app cannot be asked. */
  standsIn(trouble: Trouble): boolean {
    const stale = this.#stale
    if (stale === null) return false
    const { validUntil, errorFor } = stale.record.times
    return this.visit.settings.cacheStale.includes(trouble) || validUntil + errorFor >= nowInSeconds()
  }

  /** The same where this has become of it. */
  standsInFor({ code }: Failure, timedOut: boolean): boolean {
    const trouble = timedOut ? 'timeout' : TROUBLES[code]
    return trouble !== undefined && this.standsIn(trouble)
  }

  /** The head of the app's answer is here. What is given in its place; null: it is given itself. */
  instead({ status, headers }: ResponseHead): 'STALE' | 'REVALIDATED' | null {
    const { settings } = this.visit
    this.#said = readFreshness(headers, settings.ignoreFields, nowInSeconds())
    if (this.#stale === null) return null
    const trouble = troubleOfStatus(status)
    if (trouble !== null && settings.cacheStale.includes(trouble)) return 'STALE'
    return status === 304 && settings.cacheRevalidate ? 'REVALIDATED' : null
  }

  /** Gives what is kept, by this name. */
  give(status: 'HIT' | 'STALE' | 'UPDATING' | 'REVALIDATED'): Outcome {
    const { visit, use } = this
    visit.cacheStatus = status
    if (status === 'REVALIDATED') this.#renew(use.found!)
    const answer: LocalAnswer = keptAnswer(visit, use.take())
    use.release()
    return { kind: 'answer', answer }
  }

  // The app said that it is good still, and perhaps for how long; else it said so before, or the file does.
  #renew({ record }: OpenRecord): void {
    const { settings } = this.visit
    const now = nowInSeconds()
    const before = readFreshness(record.headers, settings.ignoreFields, now)
    const said = this.#said !== null && this.#said.validUntil > 0 ? this.#said : before
    const validUntil = said.validUntil || this.#fileSays(record.status)
    if (validUntil === 0) return
    const { updatingFor, errorFor } = said
    void this.use.renew({ validUntil, updatingFor, errorFor, date: now })
  }

  /** The answer goes to the client. Whether it is to be cut to what that has not got yet. */
  settle(): boolean {
    if (this.#said?.mayKeep !== true) this.cacheable = false
    return this.cacheable
  }

  /** It does not: an error's page of ours is given, or there was none. That may be remembered for a while, too. */
  noteError(status: number): void {
    if (this.#said?.mayKeep === false) this.cacheable = false
    if (!this.cacheable) return
    const validUntil = this.#said?.validUntil || this.#fileSays(status)
    if (validUntil > 0) this.use.fail(status, validUntil)
  }

  /**
   * Keeps the answer, where that may be; to be asked once its head has been made. Null: it is not kept, and those who wait
   * for it need not wait any longer.
   * @param keeps nothing but what the answer and the file say is against it
   * @param headOnly it was asked for by HEAD
   */
  fill(answer: ResponseHead, framing: Framing, keeps: boolean, headOnly: boolean): Fill | null {
    const fill = keeps ? this.#fill(answer, framing, headOnly) : null
    if (fill === null) this.use.release()
    return fill
  }

  #fill({ status, reason, headers }: ResponseHead, framing: Framing, headOnly: boolean): Fill | null {
    const { visit, use } = this
    if (!this.cacheable || anySaysYes(visit.settings.noCache, visit)) return null
    const { updatingFor = 0, errorFor = 0, vary = '', ...said } = this.#said!
    const validUntil = said.validUntil || this.#fileSays(status)
    if (validUntil === 0) return null
    if (visit.cacheStatus === 'BYPASS' && !use.bypass()) return null
    const times = { validUntil, updatingFor, errorFor, date: nowInSeconds() }
    return use.fill({ times, status, reason, headers, sized: framing.kind === 'length', headOnly, vary })
  }

  // Until when an answer is good that does not say so itself (ngx_http_file_cache_valid); 0: it is not kept.
  #fileSays(status: number): number {
    const time = this.visit.settings.cacheTimes.find(each => each.status === 0 || each.status === status)
    return time === undefined || time.ms === 0 ? 0 : nowInSeconds() + Math.floor(time.ms / 1000)
  }
}

// What an app may be asked about a kept answer (ngx_http_upstream_cache_last_modified, ngx_http_upstream_cache_etag).
function validators(status: number, headers: HeaderList): NonNullable<Visit['keeping']> {
  if (status !== 200 && status !== 206) return { modified: null, etag: null }
  const at = parseHttpDate(headers.get('last-modified') ?? '')
  const etag = headers.get('etag')
  return {
    modified: at === null ? null : new Date(at).toUTCString(),
    etag: etag === undefined || etag.length > LONGEST_ETAG ? null : etag,
  }
}

// A part that lies so far in that the whole would take too long (ngx_http_upstream_cache_check_range).
function asksTooFarIn({ headers, settings }: Visit): boolean {
  const range = headers.get('range')
  const most = settings.cacheMaxRangeOffset
  if (range === undefined || most === null) return false
  if (most === 0) return true
  const [, suffix, first] = /^bytes= *(-)?(\d*)/i.exec(range) ?? []
  if (range.length < 7 || first === undefined) return false
  return suffix !== undefined || (first !== '' && Number(first) >= most)
}
