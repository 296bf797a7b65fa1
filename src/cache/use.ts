// One request's use of a cache: looks for the answer to its key, waits where another request is about to make it, and
// keeps what came of its own (ngx_http_file_cache_open and what belongs to it). Its entry of the zone is held from the first
// look until `release`, or until the fill that it has begun is over.

import type { HeaderList } from '../http1/headers.ts'
import { Fill } from './fill.ts'
import { HeldEntry } from './held-entry.ts'
import { digestOf, variantOf } from './keys.ts'
import { moment, nowInSeconds } from './moments.ts'
import type { CacheRecord, RecordTimes } from './record.ts'
import type { CacheStore, OpenRecord } from './store.ts'
import type { Entered } from './zone.ts'

export interface UseTerms {
  readonly key: string
  /** The fields of the request, for answers that depend on them. */
  readonly headers: HeaderList
  /** It asks for the head alone, and the app was asked so, too. */
  readonly headOnly: boolean
  readonly minUses: number
  /** Only one request at a time makes an answer that is not there. Milliseconds. */
  readonly lock: boolean
  readonly lockTimeout: number
  readonly lockAge: number
}

/** What there is; a number: the status that stands for an answer. */
export type Found =
  | 'fresh'
  /** Its time is over, and it is for this request to have it made anew. */
  | 'stale'
  /** The same, and another request does so. */
  | 'updating'
  | 'none'
  /** None, and what comes is not to be kept. */
  | 'scarce'
  /** The client has left. */
  | 'left'
  | number

/** What one that is in its last moments is waited for, in milliseconds. */
const ENDING_MS = 1_000
/** The longest time without a look at whether it is still worth waiting (ngx_http_file_cache_lock). */
const LOOK_MS = 500

/** What a record says beside what the key and the request do. */
export type Kept = Omit<CacheRecord, 'key' | 'variant'>

export class CacheUse {
  readonly store: CacheStore
  readonly terms: UseTerms
  /** What was found; closed with `release`, unless it was taken. */
  found: OpenRecord | null = null
  readonly #main: string
  readonly #entry: HeldEntry
  /** Its digest is that of a variant. */
  #secondary = false
  #lockTimeout: number
  /** Whoever waits hears of it. */
  #left: (() => void) | null = null
  #over = false

  constructor(store: CacheStore, terms: UseTerms) {
    this.store = store
    this.terms = terms
    this.#main = digestOf(terms.key)
    const { minUses, lockAge } = terms
    const { inactive } = store.config
    this.#entry = new HeldEntry(store.zone, this.#main, { minUses, inactive, lockAge })
    this.#lockTimeout = terms.lockTimeout
  }

  /** Looks for an answer. What it comes to is for whoever asks to act on; `release` is due in any case. */
  async open(): Promise<Found> {
    const { zone } = this.store
    const until = moment() + this.#lockTimeout
    for (;;) {
      const entered = await this.#enter()
      if (entered === null) return 'scarce'
      const { standing, exists, status, finishing } = entered
      if (finishing && (await this.#seeItEnd())) continue
      if (this.#over) return 'left'
      if (standing === 'error') return status
      if (standing === 'scarce') return 'scarce'
      const looks = standing === 'new' ? zone.stock.cold : exists
      const rare = standing === 'new' && this.terms.minUses > 1
      if (rare && !looks) return 'scarce'
      if (looks) {
        const seen = await this.#look(exists)
        if (this.#over) return 'left'
        if (seen === 'again') continue
        if (seen !== null) return seen
      }
      if (rare) return 'scarce'
      const locked = await this.#takeLock(until)
      if (locked !== null) return locked
    }
  }

  async #enter(): Promise<Entered | null> {
    let entered = this.#entry.enter()
    if (entered.standing !== 'full') return entered
    await this.store.makeRoom()
    entered = this.#entry.enter()
    if (entered.standing !== 'full') return entered
    this.store.log.error('alert', `could not allocate node in cache keys zone "${this.store.config.name}"`)
    return null
  }

  // One that is in its last moments. False: it takes too long.
  async #seeItEnd(): Promise<boolean> {
    const until = moment() + ENDING_MS
    while (!this.#over) {
      const { turn } = this.#entry
      if (!this.#entry.enter().finishing) return true
      if (moment() >= until) break
      await this.#wait(until - moment(), turn)
    }
    return false
  }

  // Null: there is no file that is of use.
  async #look(known: boolean): Promise<Found | 'again' | null> {
    const { log } = this.store
    const file = await this.store.open(this.#entry.digest)
    if (file === 'closed') return 'scarce'
    if (file === null) {
      if (known) this.#entry.found(null)
      return null
    }
    this.#close()
    this.found = file
    const { record } = file
    if (record.key !== this.terms.key) {
      log.error('crit', `cache file "${file.path}" has md5 collision`)
      return 'none'
    }
    if (record.vary !== '') {
      const variant = variantOf(this.#main, record.vary, this.terms.headers)
      if (variant !== record.variant) return this.#turnTo(variant, file.path)
    }
    if (record.headOnly && !this.terms.headOnly) return 'none'
    if (!known) this.#entry.found(file.size)
    if (record.times.validUntil >= nowInSeconds()) return 'fresh'
    return this.#entry.mayRenew() ? 'stale' : 'updating'
  }

  // The file under the key itself is of another variant: this one has a name of its own.
  #turnTo(variant: string, path: string): Found | 'again' {
    this.#close()
    if (this.#secondary) {
      this.store.log.error('crit', `cache file "${path}" has incorrect vary hash`)
      return 'none'
    }
    this.#entry.leave()
    this.#secondary = true
    this.#entry.digest = variant
    return 'again'
  }

  // Null: it is time to look again.
  async #takeLock(until: number): Promise<Found | null> {
    if (!this.terms.lock) return 'none'
    const { turn } = this.#entry
    if (this.#entry.mayMake()) return 'none'
    if (this.#lockTimeout === 0) return 'scarce'
    await this.#wait(Math.min(LOOK_MS, until - moment()), turn)
    if (this.#over) return 'left'
    if (moment() < until) return null
    this.store.log.error('info', 'cache lock timeout')
    this.#lockTimeout = 0
    return null
  }

  async #wait(ms: number, turn: number): Promise<void> {
    const left = new Promise<void>(resolve => {
      this.#left = resolve
    })
    await Promise.race([this.#entry.changed(turn, Math.max(1, ms)), left])
    this.#left = null
  }

  /** The client has gone: an `open` that waits settles with that. */
  leave(): void {
    this.#over = true
    this.#left?.()
  }

  /** The request went by what is kept; its own answer is to be kept all the same. False: there is no room for it. */
  bypass(): boolean {
    if (this.#entry.enter().standing !== 'full') return true
    // For the next one.
    void this.store.makeRoom()
    return false
  }

  /** Keeps an answer, whose body comes: the entry is the fill's from here on. */
  fill(kept: Kept): Fill {
    this.#close()
    const variant = kept.vary === '' ? '' : variantOf(this.#main, kept.vary, this.terms.headers)
    if (this.#secondary && variant !== this.#entry.digest) this.#turnBack()
    const entry = this.#entry.handOver()
    const record = { ...kept, key: this.terms.key, variant }
    return new Fill(this.store, entry.digest, record, {
      whole: () => entry.ending(),
      stored: bytes => entry.stored(bytes),
      failed: () => entry.leave(),
    })
  }

  // What came depends on other fields than what was there: it is kept under the key itself.
  #turnBack(): void {
    this.#entry.leave()
    this.#secondary = false
    this.#entry.digest = this.#main
    this.#entry.enter()
  }

  /** What is there was found to be good still, until then. */
  async renew(times: RecordTimes): Promise<void> {
    const entry = this.#entry.handOver()
    entry.ending()
    await this.store.renew(this.found!, times)
    entry.leave(true)
  }

  /** A status stands for an answer until then, in seconds since 1970. */
  fail(status: number, validUntil: number): void {
    this.#entry.fail(status, validUntil)
  }

  /** Whoever has the body of what was found closes its file. */
  take(): OpenRecord {
    const found = this.found!
    this.found = null
    return found
  }

  /** Nothing more comes of it. May be called twice. */
  release(): void {
    this.#entry.leave()
    this.#close()
  }

  #close(): void {
    this.store.close(this.found)
    this.found = null
  }
}
