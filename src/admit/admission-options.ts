// What an admission is built with: its limits, whom it asks about the upstreams, and how it chooses among them.

import type { Clock } from '../clock.ts'
import type { Applicant } from './applicant.ts'
import type { Order } from './policy.ts'
import type { Backend, SlotPool } from './slot-pool.ts'

/**
 * What the upstreams together have to say to those who wait: `open`, at least one is up; `held`, all refuse
 * and the hold has not passed; `refusing`, all refuse and nobody is to wait for them.
 */
export type Outlook = 'open' | 'held' | 'refusing'

/** Which of several pools a request is given to: a group's method. */
export interface Chooser<B extends Backend> {
  /** Null: none now, though another request might be given to one that has room. Asked only for whom is then let go. */
  choose(pools: readonly SlotPool<B>[], applicant: Applicant, at: number): SlotPool<B> | null
}

export interface AdmissionOptions<B extends Backend = never> {
  readonly queueSize: number
  /** How long one request may wait in all, in milliseconds. */
  readonly queueTimeout: number
  readonly clock: Clock
  outlook(): Outlook
  /** The order has changed: an overload began, or is over. */
  orderChanged?(order: Order): void
  /** Absent: the least busy is chosen. */
  readonly chooser?: Chooser<B> | undefined
}

/** A health check waits at most this long, so that whoever asks gets its answer (interface.md). */
export const HEALTH_CHECK_WAIT_MS = 1_000
