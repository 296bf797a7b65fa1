// What stands in for the admission in a data plane with a thread of its own. While nobody waits anywhere, a slot is
// taken here, in shared memory, without a message (0.1 µs; a question to the house and its answer take 10 to 30 µs of
// processor time); else the house is asked, which has the one queue and its order.
//
// Invariants: who asks has shut every gate before, so that nobody who comes later takes a slot ahead; a slot that was
// granted to one who has left is given back.

import type { Applicant } from '../admit/applicant.ts'
import { now } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { AdmissionDesk, WorkerSlot } from '../house.ts'
import type { Board } from './board.ts'
import type { ToHouse, ToPlane } from './messages.ts'
import type { Outbox } from './outbox.ts'
import { RemoteUpstream } from './remote-upstream.ts'

/** A request that waited less had a slot at once. */
const WORTH_TELLING_MS = 5

/** What the house says to one group's. */
export type OfGroup = Extract<ToPlane, { kind: 'granted' | 'sent away' | 'phase' | 'added' | 'removed' }>

interface Ticket {
  readonly applicant: Applicant
  settle(result: WorkerSlot | Failure): void
}

export class RemoteAdmission implements AdmissionDesk {
  readonly #board: Board
  readonly #queueSize: number
  readonly #outbox: Outbox<ToHouse>
  /** Those that requests are given to. */
  #admitting: RemoteUpstream[] = []
  /** By key; also those that are gone, as long as a slot of theirs may still come. */
  readonly #upstreams = new Map<number, RemoteUpstream>()
  readonly #tickets = new Map<number, Ticket>()
  readonly #group: number
  readonly #issued: { last: number }

  /**
   * @param group names the group between plane and house
   * @param tickets counts those of all groups of this plane
   */
  constructor(
    board: Board,
    queueSize: number,
    outbox: Outbox<ToHouse>,
    group = 0,
    tickets: { last: number } = { last: 0 },
  ) {
    this.#board = board
    this.#queueSize = queueSize
    this.#outbox = outbox
    this.#group = group
    this.#issued = tickets
  }

  get someWait(): boolean {
    return this.#board.asking > 0
  }

  get upstreams(): Iterable<RemoteUpstream> {
    return this.#upstreams.values()
  }

  /** Those that are known, as people write them. */
  get addresses(): string[] {
    return this.#admitting.filter(({ endpoint }) => endpoint !== null).map(({ where }) => where)
  }

  /** How many addresses are left; which of them are up, the house alone knows. */
  left(tried: readonly string[] | null): number {
    const left = ({ membership, name }: RemoteUpstream) =>
      !membership.withdrawn && tried?.includes(name) !== true
    return this.#admitting.filter(left).length
  }

  refusal(applicant: Applicant): Failure | null {
    let code = this.#board.refusal(applicant.healthCheck)
    if (this.#board.outlook === 'open') {
      // What the house wrote may be older than what was taken and given back without it.
      if (this.#admitting.some(({ lanes }) => lanes.spare > 0)) return null
      if (this.#queueSize === 0 && !applicant.healthCheck) code ??= 'queue_full'
    }
    if (code === null) return null
    return new Failure(code, code === 'upstream_down' ? 'the upstream refuses connections' : 'at its head')
  }

  enter(applicant: Applicant, again: boolean, mayWait: boolean): WorkerSlot | Promise<WorkerSlot | Failure> {
    const phase = this.#board.outlook === 'open' ? 'queued' : 'held'
    applicant.enter(phase, now())
    if (this.#board.asking === 0) {
      const slot = this.#take(applicant.id)
      if (slot !== null) return slot
    }
    return this.#ask(applicant, phase, again, mayWait)
  }

  /** The least busy first. Another thread may be quicker: then the next best, as long as there is one. */
  #take(holder: string): WorkerSlot | null {
    for (;;) {
      let best: RemoteUpstream | null = null
      let least = Number.POSITIVE_INFINITY
      for (const upstream of this.#admitting) {
        const { room, busy } = upstream.lanes
        if (room <= 0 || busy >= least) continue
        best = upstream
        least = busy
      }
      if (best === null) return null
      const lane = best.lanes.tryTake()
      if (lane === null) continue
      this.#board.takes()
      return best.slot(lane, holder)
    }
  }

  #ask(
    applicant: Applicant,
    phase: 'queued' | 'held',
    again: boolean,
    mayWait: boolean,
  ): Promise<WorkerSlot | Failure> {
    this.#board.asks()
    for (const upstream of this.#admitting) upstream.lanes.shut()
    const ticket = ++this.#issued.last
    const { id, healthCheck, client, route, waited, answerBy, resendable, balanceKey, tried } = applicant
    this.#outbox.put({
      kind: 'asks',
      group: this.#group,
      ticket,
      id,
      healthCheck,
      client,
      route,
      answerWithin: answerBy === 0 ? 0 : Math.max(1, answerBy - now()),
      resendable,
      balanceKey,
      tried,
      waited,
      phase,
      again,
      mayWait,
    })
    return new Promise(resolve => {
      const settle = (result: WorkerSlot | Failure): void => {
        this.#tickets.delete(ticket)
        applicant.onInterrupt = null
        resolve(result)
      }
      this.#tickets.set(ticket, { applicant, settle })
      applicant.onInterrupt = failure => {
        settle(failure)
        this.#outbox.put({ kind: 'leaves', ticket, code: failure.code, detail: failure.detail })
      }
    })
  }

  turnedAway(route: string): void {
    this.#outbox.put({ kind: 'turned away', group: this.#group, route })
  }

  answered(route: string, ageMs: number, tookMs: number): void {
    // While nobody waits there is nothing to learn that would be worth a message.
    if (this.#board.asking === 0 && ageMs - tookMs < WORTH_TELLING_MS) return
    this.#outbox.putOff({ kind: 'answered', group: this.#group, route, ageMs, tookMs })
  }

  abandoned(route: string, ageMs: number, waitedMs: number): void {
    this.#outbox.put({ kind: 'abandoned', group: this.#group, route, ageMs, waitedMs })
  }

  /** What the house says about upstreams and those who wait. */
  hear(message: OfGroup): void {
    switch (message.kind) {
      case 'granted': {
        const upstream = this.#upstreams.get(message.upstream)!
        const ticket = this.#tickets.get(message.ticket)
        // It has left meanwhile, and the house hears of that later than it granted.
        if (ticket === undefined) upstream.giveBack(message.lane, false)
        else ticket.settle(upstream.slot(message.lane, ticket.applicant.id))
        break
      }
      case 'sent away':
        this.#tickets
          .get(message.ticket)
          ?.settle(new Failure(message.code, message.detail, message.retryAfter, message.words))
        break
      case 'phase':
        this.#tickets.get(message.ticket)?.applicant.enter(message.phase, now())
        break
      case 'added': {
        const { name, endpoint, membership, lanes } = message
        const key = { group: this.#group, upstream: message.upstream }
        const added = new RemoteUpstream(key, name, endpoint, membership, lanes, this.#outbox)
        this.#upstreams.set(message.upstream, added)
        this.#admitting.push(added)
        break
      }
      case 'removed':
        // Nothing is granted of it after this message; the slots that are out keep hold of it themselves.
        this.#upstreams.delete(message.upstream)
        this.#admitting = this.#admitting.filter(({ key }) => key.upstream !== message.upstream)
    }
  }
}
