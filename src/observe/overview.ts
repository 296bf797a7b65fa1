// What is known now, for those who look: metrics, status, the last minutes, readiness. Put together when it is asked for, with
// what the data planes in other threads have counted; counts nothing itself.

import type { Registry } from 'prom-client'
import { now } from '../clock.ts'
import { type Counts, countsOf, History, type Sample } from './history.ts'
import type { Incidents } from './incidents.ts'
import type { InFlight } from './inflight.ts'
import { METRICS_CONTENT_TYPE, publish } from './metrics.ts'
import { threadUse } from './process.ts'
import type { Routes } from './routes.ts'
import { oldestOf, routesOf, type Snapshot, sumOf } from './snapshot.ts'
import type { InflightRow, Sources } from './sources.ts'
import { statusOf } from './status.ts'
import type { Tally } from './tally.ts'

/** What the observer counts and keeps. */
export interface Kept {
  readonly version: string
  /** Milliseconds; null when not known. */
  readonly workerTimeout: number | null
  readonly tally: Tally
  readonly routes: Routes
  readonly inflight: InFlight
  readonly incidents: Incidents
  /** Lines that the log had no room for. */
  dropped(): number
}

/** Entries of `inflight[]` at most. */
const ROWS = 500
/** How many of the slowest routes are shown. */
const SLOWEST = 20

export class Overview {
  readonly metricsContentType = METRICS_CONTENT_TYPE
  readonly #kept: Kept
  readonly #startedAt = now()
  readonly #history = new History()
  /** What the data planes in other threads counted, as of the look that is under way. */
  #others: readonly Snapshot[] = []
  /** How many requests ended there so far, as each of them tells once a second. */
  readonly #counted = new Map<object, Counts>()
  #sources: Sources | null = null
  #registry: Promise<Registry> | null = null

  constructor(kept: Kept) {
    this.#kept = kept
  }

  /** From here on gauges and status have something to ask. */
  attach(sources: Sources): void {
    this.#sources = sources
  }

  /** A data plane in another thread tells how many requests have ended there. */
  counted(plane: object, counts: Counts): void {
    this.#counted.set(plane, counts)
  }

  /** One more second of the last minutes. */
  sample(): void {
    const queue = this.#sources?.queue() ?? { length: 0, oldestMs: 0 }
    this.#history.add(Date.now(), [countsOf(this.#kept.tally), ...this.#counted.values()], queue)
  }

  /** The last minutes, second by second, the oldest first. */
  history(): readonly Sample[] {
    return this.#history.samples
  }

  /** The requests under way, the oldest first. */
  inflight(): InflightRow[] {
    return this.#kept.inflight.rows(ROWS)
  }

  /** Whether a request would be served now, and else why not. */
  readiness(): { ready: boolean; reason: string } {
    return this.#sources?.ready() ?? { ready: false, reason: 'starting' }
  }

  /** What was counted here, for the house's observer. */
  snapshot(): Snapshot {
    const { tally, routes, inflight } = this.#kept
    return {
      tally,
      routes: routes.totals,
      inflight: this.inflight(),
      inflightTotal: inflight.size,
      thread: threadUse(),
    }
  }

  /** Prometheus text. @param others what data planes in other threads have counted */
  async metrics(others: readonly Snapshot[] = []): Promise<string> {
    this.#others = others
    this.#registry ??= publish(() => ({
      tally: sumOf([this.#kept.tally, ...this.#others.map(({ tally }) => tally)]),
      sources: this.#sources,
      version: this.#kept.version,
      dropped: this.#kept.dropped(),
      inflight: this.#inflightTotal(this.#others),
      threads: this.#others.map(({ thread }) => thread),
    }))
    return (await this.#registry).metrics()
  }

  /** What /status.json answers. @param others what data planes in other threads have counted */
  status(others: readonly Snapshot[] = []): object {
    const { version, routes, incidents, workerTimeout } = this.#kept
    return statusOf({
      version,
      uptimeMs: now() - this.#startedAt,
      sources: this.#sources,
      readiness: this.readiness(),
      inflightTotal: this.#inflightTotal(others),
      inflight: oldestOf(this.inflight(), others, ROWS),
      incidents: incidents.recent,
      slowest: routesOf(routes, others).slowest(SLOWEST),
      workerTimeout,
    })
  }

  #inflightTotal(others: readonly Snapshot[]): number {
    return others.reduce((sum, { inflightTotal }) => sum + inflightTotal, this.#kept.inflight.size)
  }
}
