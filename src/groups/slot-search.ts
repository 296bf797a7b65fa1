// Where the number of an upstream's slots comes from while it runs: joins each pool to its finder, and the finder to
// the kernel's tables. Decides nothing itself; reads only while something is to be learnt.

import type { Logger } from 'pino'
import type { Admission } from '../admit/admission.ts'
import { SlotFinder } from '../admit/slot-finder.ts'
import type { SlotPool } from '../admit/slot-pool.ts'
import { whenSettled } from '../afterwards.ts'
import { now } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { backlogOf } from '../kernel/backlog.ts'
import type { Upstream } from '../upstream/upstream.ts'

export interface SearchParts {
  readonly config: Pick<Config, 'workers' | 'workersFrom' | 'workersCertain'>
  readonly admission: Admission<Upstream>
  readonly log: Logger
}

/** Between two readings of one look; more where a reading is dear, so that looking stays below a few percent. */
const READ_EVERY_MS = 5
const READ_EVERY_TIMES = 30
/** So many readings in vain while the upstream is up: the kernel of this machine does not see it. */
const VAIN = 3

interface Search {
  readonly pool: SlotPool<Upstream>
  readonly finder: SlotFinder
  /** Readings that told nothing, in a row. */
  vain: number
}

export class SlotSearch {
  readonly #parts: SearchParts
  readonly #searches = new Map<SlotPool<Upstream>, Search>()
  #told: { readonly slots: number; readonly from: string } | null = null
  #timer: NodeJS.Timeout | null = null
  #reading = false
  /** What a reading takes, in milliseconds. */
  #cost = 0

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  /** How many slots to begin with. */
  get start(): number {
    return this.#told?.slots ?? this.#parts.config.workers ?? 1
  }

  /** Who runs the app has counted: that is believed at once, unless the user has said a number. */
  told(slots: number, from: string): void {
    if (this.#told?.slots === slots) return
    this.#told = { slots, from }
    for (const { finder } of this.#searches.values()) finder.told(now())
  }

  get #from(): string | null {
    const { workers, workersFrom } = this.#parts.config
    return this.#told?.from ?? (workers === null ? null : workersFrom)
  }

  add(pool: SlotPool<Upstream>): void {
    const { config, admission } = this.#parts
    if (config.workersCertain) return
    const search: Search = { pool, finder: null as never, vain: this.#visible(pool) ? 0 : VAIN }
    const least = () => this.start
    const from = () => this.#from
    const finder = new SlotFinder({
      get least() {
        return least()
      },
      get from() {
        return from()
      },
      get kernel() {
        return search.vain < VAIN
      },
      busy: () => pool.busy,
      waiting: () => admission.length > 0 && !admission.paused && pool.backend.isUp && !pool.retired,
      changed: () => this.#apply(search),
      found: () => this.#found(search),
    })
    Object.assign(search, { finder })
    this.#searches.set(pool, search)
    pool.watcher = finder
  }

  remove(pool: SlotPool<Upstream>): void {
    this.#searches.delete(pool)
    pool.watcher = null
  }

  /** How many slots a pool has, as far as is known; Infinity: there is no limit. */
  slots(pool: SlotPool<Upstream>): number {
    return this.#searches.get(pool)?.finder.limit ?? pool.limit
  }

  /** Where the number of this pool's slots comes from, for people. */
  evidence(pool: SlotPool<Upstream>): string {
    if (pool.backend.standing.terms.maxConns > 0) return 'max_conns'
    return this.#searches.get(pool)?.finder.evidence ?? this.#parts.config.workersFrom
  }

  /** The upstream was down and is back. */
  returned(upstream: Upstream): void {
    for (const { pool, finder } of this.#searches.values())
      if (pool.backend === upstream) finder.returned(now())
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    for (const { finder } of this.#searches.values()) finder.tick(at)
    this.#look()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#searches.clear()
  }

  #apply({ pool, finder }: Search): void {
    const more = finder.forResendable > pool.ceiling || finder.forAny > pool.limit
    pool.limit = finder.forAny
    pool.ceiling = finder.forResendable
    pool.watcher = finder.wantsTimes ? finder : null
    if (more) this.#parts.admission.dispatch()
  }

  #found({ pool, finder }: Search): void {
    const slots = Number.isFinite(finder.limit) ? { slots: finder.limit } : {}
    this.#parts.log.info({ upstream: pool.backend.name, ...slots, detail: finder.evidence }, 'worker slots')
  }

  // A worker that has hung up counts as busy until the event loop has heard of it. So a reading comes right after a
  // poll for events, and after another one, as there may have been many (measured on a machine with fifteen times the
  // work it could do: 7 for 4 workers without this). One that has its slot is connected at the end of the same look.
  #look(): void {
    if (this.#reading || ![...this.#searches.values()].some(search => this.#isDue(search, now()))) return
    this.#reading = true
    setImmediate(() => setImmediate(() => whenSettled(() => this.#read())))
  }

  #isDue({ pool, finder, vain }: Search, at: number): boolean {
    return vain < VAIN && pool.busy > 0 && pool.backend.isUp && finder.wantsReading(at)
  }

  #read(): void {
    this.#reading = false
    let looking = false
    for (const search of this.#searches.values()) {
      const { pool, finder } = search
      const { endpoint } = pool.backend
      const at = now()
      if (endpoint !== null && this.#isDue(search, at)) {
        const waiting = backlogOf(endpoint)
        this.#cost = now() - at
        if (waiting === null) search.vain++
        else {
          search.vain = 0
          finder.read(pool.busy, waiting, at)
          finder.tick(at)
        }
      }
      if (finder.looking && search.vain < VAIN) looking = true
    }
    if (looking) this.#timer ??= setTimeout(() => this.#again(), this.#pause).unref()
  }

  get #pause(): number {
    return Math.max(READ_EVERY_MS, this.#cost * READ_EVERY_TIMES)
  }

  #again(): void {
    this.#timer = null
    this.#look()
  }

  #visible({ backend }: SlotPool<Upstream>): boolean {
    const { endpoint } = backend
    if (process.platform !== 'linux' || endpoint === null) return false
    return 'path' in endpoint || endpoint.host === '::1' || endpoint.host.startsWith('127.')
  }
}
