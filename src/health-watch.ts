// Judges the app's health from what the proxy knows, for `--health-answer proxy`: from the answers that pass anyway, and
// only when none has for a while, by a whole request of its own. A busy pool is a healthy one.

import type { Outlook } from './upstream/fleet.ts'
import type { Vitals } from './vitals.ts'

export interface HealthWatchOptions {
  readonly vitals: Vitals
  outlook(): Outlook
  /** Asks a worker by a whole request: whether anything came back; null when none was free to be asked. */
  probe(): Promise<boolean | null>
  /** The app server's own limit for a request, in milliseconds; null when unknown or none. */
  readonly workerTimeout: number | null
}

/** Without any answer for so long, in milliseconds, the app is not well: a worker has answered or died by then. */
const SILENCE_MS = 30_000
const KILL_GRACE_MS = 5_000
/** How often a probe is tried while nothing is known. */
const PROBE_EVERY_MS = 1_000

export class HealthWatch {
  /** Milliseconds after which silence is an illness. */
  readonly patience: number
  readonly #options: HealthWatchOptions
  #probedAt = Number.NEGATIVE_INFINITY
  #probing = false

  constructor(options: HealthWatchOptions) {
    this.#options = options
    this.patience = Math.max(SILENCE_MS, (options.workerTimeout ?? 0) + KILL_GRACE_MS)
  }

  /** The coarse clock's beat. @param wallMs the wall clock, which the answers are noted by */
  tick(at: number, wallMs = Date.now()): void {
    const { vitals, outlook } = this.#options
    const silence = vitals.answeredAt === null ? null : wallMs - vitals.answeredAt
    vitals.verdict = this.#judge(outlook(), silence)
    // Half of the patience is left for traffic to come by itself.
    const due = silence === null || silence > this.patience / 2
    if (due && outlook() === 'open' && !this.#probing && at - this.#probedAt >= PROBE_EVERY_MS) {
      this.#probedAt = at
      void this.#ask()
    }
  }

  #judge(outlook: Outlook, silence: number | null) {
    if (outlook !== 'open') return 'refusing'
    if (silence === null) return 'starting'
    return silence <= this.patience ? 'well' : 'silent'
  }

  async #ask(): Promise<void> {
    this.#probing = true
    try {
      if ((await this.#options.probe()) === true) this.#options.vitals.answered()
    } finally {
      this.#probing = false
    }
  }
}
