// One that waits, as the queue keeps it: whose wait it is, its places in the policy's lists, its deadline, and whom to tell.

import { now, type Timed } from '../clock.ts'
import type { Failure } from '../errors.ts'
import type { Applicant } from './applicant.ts'
import type { Sharer } from './fair-share.ts'
import type { Entry } from './policy.ts'
import type { Backend, Slot } from './slot-pool.ts'
import { waitedTooLong } from './wait-failure.ts'
import type { Waiter, WaitQueue } from './wait-queue.ts'

export class Ticket<B extends Backend> implements Entry, Timed {
  previous: Waiter | null = null
  next: Waiter | null = null
  queue: WaitQueue | null = null
  older: Sharer | null = null
  newer: Sharer | null = null
  turn: Sharer['turn'] = null
  deadline = 0
  place = -1
  readonly applicant: Applicant
  readonly settle: (result: Slot<B> | Failure) => void
  /** The moment since which it waits, earlier waits of its own included. */
  readonly since: number

  constructor(applicant: Applicant, at: number, settle: (result: Slot<B> | Failure) => void) {
    this.applicant = applicant
    this.settle = settle
    this.since = at - applicant.waited
  }

  get client(): string {
    return this.applicant.client
  }

  get route(): string {
    return this.applicant.route
  }

  get answerBy(): number {
    return this.applicant.answerBy
  }

  expired(): void {
    this.settle(waitedTooLong(now() - this.since))
  }
}
