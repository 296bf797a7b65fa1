// Who is given to a worker, and when: the queue in front of all slots. In which order is the policy's to say
// (`policy.ts`); this file joins it to slots, deadlines, and those who wait. The queue is bounded in length and each
// wait in time. Knows no HTTP and no sockets; whether an upstream can take a request is the upstream's to say.
//
// Invariants: a waiter is in one queue or in none; a slot that is granted is never lost (the taker gets it or
// it is freed); nobody waits while a slot is free and its upstream admits, but whom its group's method leaves no other.

import { now } from '../clock.ts'
import { Failure, type FailureCode } from '../errors.ts'
import { type AdmissionOptions, HEALTH_CHECK_WAIT_MS, type Outlook } from './admission-options.ts'
import type { Applicant } from './applicant.ts'
import { DrainRate } from './drain-rate.ts'
import { Parking } from './parking.ts'
import { type Order, Policy } from './policy.ts'
import { type Backend, leastBusy, type Slot, type SlotPool } from './slot-pool.ts'
import { Ticket } from './ticket.ts'
import { paused, queueFull, refusesConnections, waitedInVain, waitedTooLong } from './wait-failure.ts'

export type { AdmissionOptions, Chooser, Outlook } from './admission-options.ts'

/** Ends of a wait that are the queue's own fault: there was no room, or no time. */
const LOST = new Set<FailureCode>(['queue_full', 'queue_timeout', 'overloaded', 'edge_timeout'])

export class Admission<B extends Backend> {
  readonly pools: SlotPool<B>[] = []
  readonly #policy = new Policy()
  readonly #drain = new DrainRate()
  readonly #options: AdmissionOptions<B>
  readonly #parking = new Parking<B>()
  /** Set while nobody but health checks is let go, however many slots are free. */
  #pause: { readonly words: string | null } | null = null

  constructor(options: AdmissionOptions<B>) {
    this.#options = options
  }

  /** How many wait, health checks included. */
  get length(): number {
    return this.#policy.length + this.#parking.length
  }

  get someWait(): boolean {
    return this.length > 0
  }

  get limit(): number {
    return this.#options.queueSize
  }

  get order(): Order {
    return this.#policy.order
  }

  get paused(): boolean {
    return this.#pause !== null
  }

  /** Milliseconds that clients wait before the first of them leave; null while nobody leaves. */
  get patience(): number | null {
    return this.#policy.patience.low()
  }

  /** Milliseconds that whoever waits longest has waited; 0 when nobody waits. */
  oldest(at = now()): number {
    const since = this.#policy.oldestSince ?? at
    return at - Math.min(since, this.#parking.oldestSince ?? since)
  }

  /**
   * Why a request would be refused if it asked now; null when it would be let in or let wait. Asked at its
   * head, so that nobody sends a body for nothing.
   */
  refusal(applicant: Applicant): Failure | null {
    const outlook = this.#outlookFor(applicant)
    if (outlook === 'open') {
      const full = !applicant.healthCheck && this.#isFull
      // In an overload the oldest makes room.
      if (full && this.order === 'fifo' && !this.#hasRoom(now())) return this.#full()
      return null
    }
    // One request may still ask the upstream itself when a probe is due; the others need not wait for it.
    const room = !this.paused && this.#hasRoom(now())
    if ((outlook === 'refusing' || applicant.healthCheck) && !room) {
      return refusesConnections()
    }
    return this.#isFull && !room ? this.#full() : null
  }

  /**
   * Waits for a slot. Settles with the slot, which the caller then owns, or with the failure that ended the
   * wait: the queue was full, the wait too long or in vain, the client left, nothing to wait for.
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
    applicant.enter(this.#outlookFor(applicant) === 'open' ? 'queued' : 'held', at)
    const overtakes = again || applicant.healthCheck || this.#policy.length === 0
    const pool = overtakes && !this.#holds(applicant) ? this.#poolFor(applicant, at) : null
    if (!again && !this.#holds(applicant)) this.#policy.asked(pool === null, at)
    if (pool !== null) {
      return this.#take(pool, applicant, at)
    }
    const refusal = this.refusal(applicant)
    if (refusal !== null && !(again && refusal.code === 'queue_full')) {
      return this.#gone(applicant, refusal, applicant.waited, at)
    }
    if (!mayWait) return new Failure('client_left', 'the client closed its side while its request waited')
    return this.#wait(applicant, again, at)
  }

  #wait(applicant: Applicant, again: boolean, at: number): Promise<Slot<B> | Failure> | Failure {
    const { clock, queueTimeout } = this.#options
    const { waited, healthCheck } = applicant
    const allowed = healthCheck ? Math.min(HEALTH_CHECK_WAIT_MS, queueTimeout) : queueTimeout
    if (waited >= allowed) {
      return waitedTooLong(waited, this.#when(at))
    }
    // One health check at a time goes first; further ones stand in line like everybody else, unless the line stands still.
    const first = healthCheck && (this.paused || !this.#policy.healthCheckWaits)
    if (!first && !again && this.#isFull) {
      const oldest = this.#policy.makeRoom()
      if (oldest !== null) this.#shed(oldest as Ticket<B>, at)
      else if (!healthCheck) return this.#gone(applicant, this.#full(), waited, at)
    }
    const settled = new Promise<Slot<B> | Failure>(resolve => {
      const ticket = new Ticket<B>(applicant, at, result => {
        this.#policy.remove(ticket)
        clock.clear(ticket)
        applicant.onInterrupt = null
        resolve(result instanceof Failure ? this.#ended(ticket, result) : result)
      })
      clock.set(ticket, at + allowed - waited)
      applicant.onInterrupt = ticket.settle
      this.#policy.add(ticket, first ? 'health' : again ? 'again' : 'line')
    })
    // Where the method left it nothing of what is free, those that come after it must not wait for that.
    if (this.#options.chooser !== undefined) this.dispatch()
    return settled
  }

  /** Lets go as many as there are slots for: called when a slot came back or an upstream did. */
  dispatch(): void {
    for (const ticket of this.#parking) this.#start(ticket, now())
    while (this.#policy.length > 0) {
      const at = now()
      const ticket = this.#policy.next(at) as Ticket<B>
      if (this.#holds(ticket.applicant)) return
      if (this.#start(ticket, at)) continue
      if (this.#options.chooser === undefined || !this.#hasRoom(at)) break
      // What is free is not for this one, and those behind it need not wait for that.
      this.#policy.remove(ticket)
      this.#parking.add(ticket)
    }
    if (this.order === 'newest_first') this.#shedHopeless(now())
  }

  #start(ticket: Ticket<B>, at: number): boolean {
    const pool = this.#holds(ticket.applicant) ? null : this.#poolFor(ticket.applicant, at)
    if (pool === null) return false
    this.#policy.started(ticket, at)
    ticket.settle(this.#take(pool, ticket.applicant, at))
    return true
  }

  #take(pool: SlotPool<B>, applicant: Applicant, at: number): Slot<B> {
    this.#drain.drained(at)
    return pool.take(applicant.id, at, applicant.route)
  }

  /** The coarse clock's beat: what has changed by time alone. */
  tick(at: number): void {
    if (this.paused || this.#options.outlook() !== 'open') return
    const { order } = this
    this.#policy.tick(at)
    this.#shedHopeless(at)
    if (this.order !== order) this.#options.orderChanged?.(this.order)
  }

  /** So many have taken a slot at once in other threads, without entering here. */
  tookAtOnce(count: number): void {
    const at = now()
    this.#policy.asked(false, at, count)
    this.#drain.drained(at, count)
  }

  /** One was refused at its head, as the queue is full, and will not enter. */
  turnedAway(route: string): void {
    const at = now()
    this.#policy.asked(true, at)
    this.#policy.gone(0, route, false, at)
  }

  /** A worker took `tookMs` for a whole answer, `ageMs` after the request was ready, with the client still there. */
  answered(route: string, ageMs: number, tookMs: number): void {
    this.#policy.answered(ageMs, tookMs, route, now())
  }

  /** A client left `ageMs` after its request was ready, while a worker had it that had sent nothing. */
  abandoned(route: string, ageMs: number, waitedMs: number): void {
    this.#policy.abandoned(ageMs, waitedMs, route, now())
  }

  /** The upstreams' outlook has changed: the time of those who wait is counted as a hold, or no longer. */
  outlookChanged(): void {
    const at = now()
    for (const entry of [...this.#policy.all(), ...this.#parking]) {
      const { applicant, settle } = entry as Ticket<B>
      const outlook = this.#outlookFor(applicant)
      applicant.enter(outlook === 'open' ? 'queued' : 'held', at)
      const sentAway = outlook === 'refusing' || (outlook === 'held' && applicant.healthCheck)
      if (sentAway) settle(refusesConnections())
    }
    if (this.#options.outlook() !== 'open') return
    this.#policy.resumed(at)
    this.dispatch()
  }

  /** Lets nobody go from here on but health checks. @param words for those who wait in vain; null: the usual ones */
  pause(words: string | null): void {
    this.#pause = { words }
    this.outlookChanged()
  }

  /** Ends it: those who wait are let go in their order. */
  resume(): void {
    this.#pause = null
    this.outlookChanged()
  }

  #holds(applicant: Applicant): boolean {
    return this.paused && !applicant.healthCheck
  }

  #outlookFor(applicant: Applicant): Outlook {
    const outlook = this.#options.outlook()
    return outlook === 'open' && this.#holds(applicant) ? 'held' : outlook
  }

  #ended(ticket: Ticket<B>, failure: Failure): Failure {
    const at = now()
    if (this.#pause !== null && failure.code === 'queue_timeout') {
      return paused(failure.detail, this.#when(at), this.#pause.words)
    }
    return this.#gone(ticket.applicant, failure, at - ticket.since, at)
  }

  #gone(applicant: Applicant, failure: Failure, waitedMs: number, at: number): Failure {
    const left = failure.code === 'client_left'
    if (left || LOST.has(failure.code)) this.#policy.gone(waitedMs, applicant.route, left, at)
    return failure
  }

  #shedHopeless(at: number): void {
    for (let entry = this.#policy.shed(at); entry !== null; entry = this.#policy.shed(at)) {
      this.#shed(entry as Ticket<B>, at)
    }
  }

  #shed(ticket: Ticket<B>, at: number): void {
    ticket.settle(waitedInVain(at - ticket.since, this.#when(at)))
  }

  #full(): Failure {
    const when = this.#when(now())
    if (this.#pause !== null) return paused('the queue is full', when, this.#pause.words)
    return queueFull(this.#waiting, when)
  }

  /** When it is worth trying again: those who wait now have been served by then. */
  #when(at: number): number | null {
    return this.#drain.retryAfter(this.length, at)
  }

  get #isFull(): boolean {
    return this.#waiting >= this.#options.queueSize
  }

  get #waiting(): number {
    return this.#policy.waiting + this.#parking.length
  }

  #hasRoom(at: number): boolean {
    return leastBusy(this.pools, at) !== null
  }

  #poolFor(applicant: Applicant, at: number): SlotPool<B> | null {
    const { chooser } = this.#options
    if (chooser === undefined) return leastBusy(this.pools, at, applicant.resendable)
    return chooser.choose(this.pools, applicant, at)
  }
}
