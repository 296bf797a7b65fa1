// Who is given to a worker, and when: the queue in front of all slots. First in, first out; health checks go
// first; a request that was let go in vain comes back to the head. The queue is bounded in length and each
// wait in time. Knows no HTTP and no sockets; whether an upstream can take a request is the upstream's to say.
//
// Invariants: a waiter is in one queue or in none; a slot that is granted is never lost (the taker gets it or
// it is freed); nobody waits while a slot is free and its upstream admits.

import type { Clock, Timed } from '../clock.ts'
import { Failure } from '../errors.ts'
import { now } from '../exchange.ts'
import type { Applicant } from './applicant.ts'
import type { Backend, Slot, SlotPool } from './slot-pool.ts'
import { type Waiter, WaitQueue } from './wait-queue.ts'

/** A health check waits at most this long, so that whoever asks gets its answer (interface.md). */
export const HEALTH_CHECK_WAIT_MS = 1_000

/**
 * What the upstreams together have to say to those who wait: `open`, at least one is up; `held`, all refuse
 * and the hold has not passed; `refusing`, all refuse and nobody is to wait for them.
 */
export type Outlook = 'open' | 'held' | 'refusing'

export interface AdmissionOptions {
  readonly queueSize: number
  /** How long one request may wait in all, in milliseconds. */
  readonly queueTimeout: number
  readonly clock: Clock
  outlook(): Outlook
}

class Ticket<B extends Backend> implements Waiter, Timed {
  previous: Waiter | null = null
  next: Waiter | null = null
  queue: WaitQueue | null = null
  deadline = 0
  readonly applicant: Applicant
  readonly settle: (result: Slot<B> | Failure) => void
  readonly since: number

  constructor(applicant: Applicant, since: number, settle: (result: Slot<B> | Failure) => void) {
    this.applicant = applicant
    this.since = since
    this.settle = settle
  }

  expired(): void {
    this.settle(new Failure('queue_timeout', `waited ${Math.round(now() - this.since)} ms for a worker slot`))
  }
}

export class Admission<B extends Backend> {
  readonly pools: SlotPool<B>[] = []
  readonly #healthChecks = new WaitQueue()
  readonly #requests = new WaitQueue()
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** How many wait, health checks included. */
  get length(): number {
    return this.#requests.length + this.#healthChecks.length
  }

  get limit(): number {
    return this.#options.queueSize
  }

  /** Milliseconds that the one at the head has waited; 0 when nobody waits. */
  oldest(at = now()): number {
    const first = this.#requests.first as Ticket<B> | null
    return first === null ? 0 : at - first.since
  }

  /**
   * Why a request would be refused if it asked now; null when it would be let in or let wait. Asked at its
   * head, so that nobody sends a body for nothing.
   */
  refusal(applicant: Applicant): Failure | null {
    const outlook = this.#options.outlook()
    if (outlook === 'open') {
      const full = !applicant.healthCheck && this.#requests.length >= this.#options.queueSize
      if (full && !this.#hasRoom(now())) return this.#full()
      return null
    }
    // One request may still ask the upstream itself when a probe is due; the others need not wait for it.
    if ((outlook === 'refusing' || applicant.healthCheck) && !this.#hasRoom(now())) {
      return new Failure('upstream_down', 'the upstream refuses connections')
    }
    return this.#requests.length >= this.#options.queueSize && !this.#hasRoom(now()) ? this.#full() : null
  }

  /**
   * Waits for a slot. Settles with the slot, which the caller then owns, or with the failure that ended the
   * wait: the queue was full, the wait too long, the client left, nothing to wait for.
   * @param again the request was let go before and nothing of it reached a worker, or it may be sent again:
   *   it goes to the head, and only what is left of its time remains.
   * @param mayWait false when its client has sent FIN: it is served at once or not at all.
   */
  enter(
    applicant: Applicant,
    again: boolean,
    mayWait: boolean,
  ): Slot<B> | Promise<Slot<B> | Failure> | Failure {
    const at = now()
    applicant.enter(this.#options.outlook() === 'open' ? 'queued' : 'held', at)
    const overtakes = again || applicant.healthCheck || this.length === 0
    const pool = overtakes ? this.#leastBusy(at, applicant.resendable) : null
    if (pool !== null) return pool.take(applicant.id, at, applicant.route)
    const refusal = this.refusal(applicant)
    if (refusal !== null && !(again && refusal.code === 'queue_full')) return refusal
    if (!mayWait) return new Failure('client_left', 'the client closed its side while its request waited')
    return this.#wait(applicant, again, at)
  }

  #wait(applicant: Applicant, again: boolean, at: number): Promise<Slot<B> | Failure> | Failure {
    const { clock, queueTimeout } = this.#options
    const { waited, healthCheck } = applicant
    const allowed = healthCheck ? Math.min(HEALTH_CHECK_WAIT_MS, queueTimeout) : queueTimeout
    if (waited >= allowed) {
      return new Failure('queue_timeout', `waited ${Math.round(waited)} ms for a worker slot`)
    }
    return new Promise(resolve => {
      const ticket = new Ticket<B>(applicant, at, result => {
        WaitQueue.remove(ticket)
        clock.clear(ticket)
        applicant.onInterrupt = null
        resolve(result)
      })
      clock.set(ticket, at + allowed - waited)
      applicant.onInterrupt = ticket.settle
      // One health check at a time goes first; further ones stand in line like everybody else.
      const first = healthCheck && this.#healthChecks.length === 0
      const queue = first ? this.#healthChecks : this.#requests
      if (again) queue.unshift(ticket)
      else queue.push(ticket)
    })
  }

  /** Lets go as many as there are slots for: called when a slot came back or an upstream did. */
  dispatch(): void {
    while (this.length > 0) {
      const at = now()
      const ticket = (this.#healthChecks.first ?? this.#requests.first) as Ticket<B>
      const { id, route, resendable } = ticket.applicant
      const pool = this.#leastBusy(at, resendable)
      if (pool === null) return
      ticket.settle(pool.take(id, at, route))
    }
  }

  /** The upstreams' outlook has changed: the time of those who wait is counted as a hold, or no longer. */
  outlookChanged(): void {
    const outlook = this.#options.outlook()
    const at = now()
    for (const queue of [this.#healthChecks, this.#requests]) {
      for (let waiter = queue.first; waiter !== null; ) {
        const ticket = waiter as Ticket<B>
        waiter = waiter.next
        ticket.applicant.enter(outlook === 'open' ? 'queued' : 'held', at)
        const sentAway = outlook === 'refusing' || (outlook === 'held' && ticket.applicant.healthCheck)
        if (sentAway) ticket.settle(new Failure('upstream_down', 'the upstream refuses connections'))
      }
    }
    if (outlook === 'open') this.dispatch()
  }

  #full(): Failure {
    return new Failure('queue_full', `${this.#requests.length} requests wait already`)
  }

  #hasRoom(at: number): boolean {
    return this.#leastBusy(at) !== null
  }

  #leastBusy(at: number, resendable = false): SlotPool<B> | null {
    let best: SlotPool<B> | null = null
    for (const pool of this.pools) {
      if ((best === null || pool.busy < best.busy) && pool.hasRoom(at, resendable)) best = pool
    }
    return best
  }
}
