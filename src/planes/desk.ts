// The house's desk for requests of one group in other threads: each stands in the group's queue as an applicant, and its
// slot's lane is sent to its plane. Keeps the gates: they are open while nobody waits and nothing is known against the
// upstream, and planes then take slots in shared memory without asking.
//
// Invariants: the admission decides with the gates shut, so that what it sees free stays free; a gate opens only when
// nobody waits or is about to; every ticket is answered once.

import type { Admission, Outlook } from '../admit/admission.ts'
import type { Applicant } from '../admit/applicant.ts'
import { SharedLanes } from '../admit/shared-lanes.ts'
import type { SlotPool } from '../admit/slot-pool.ts'
import { Failure } from '../errors.ts'
import type { WorkerSlot } from '../house.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { Board } from './board.ts'
import type { Asks, Report, ToHouse, ToPlane } from './messages.ts'
import { anybody, RemoteApplicant } from './remote-applicant.ts'

/** What the desk hears of upstreams and of those who wait. */
export type AtTheDesk = Extract<
  ToHouse,
  {
    kind:
      | 'asks'
      | 'leaves'
      | 'turned away'
      | 'answered'
      | 'abandoned'
      | 'freed'
      | 'connected'
      | 'refused'
      | 'stalled'
      | 'went'
  }
>

interface Known {
  readonly key: number
  readonly upstream: Upstream
  readonly lanes: SharedLanes
}

export interface DeskOptions {
  /** Names the group between plane and house. */
  readonly group: number
  /** Where a request goes is the admission's to choose: the gates stay shut. */
  readonly chooses: boolean
  readonly admission: Admission<Upstream>
  outlook(): Outlook
  /** To every plane. */
  broadcast(message: ToPlane): void
}

/** The requests of one plane that wait here. */
export type Waiting = Map<number, Applicant>

export class Desk {
  readonly board = new Board()
  readonly #options: DeskOptions
  readonly #known = new Map<number, Known>()
  readonly #anybody = anybody(false)
  readonly #anyCheck = anybody(true)
  #lastKey = 0

  constructor(options: DeskOptions) {
    this.#options = options
  }

  /** Memory for the lanes of a new upstream; the planes hear of it. */
  lanesOf(upstream: Upstream): SharedLanes {
    const lanes = new SharedLanes()
    const key = ++this.#lastKey
    this.#known.set(key, { key, upstream, lanes })
    this.#options.broadcast(introduction(this.#options.group, key, upstream, lanes))
    return lanes
  }

  removed(upstream: Upstream): void {
    for (const { key, upstream: known, lanes } of this.#known.values()) {
      if (known !== upstream) continue
      lanes.shut()
      this.#known.delete(key)
      this.#options.broadcast({ kind: 'removed', group: this.#options.group, upstream: key })
    }
  }

  /** What a plane that begins is to know. */
  introductions(): ToPlane[] {
    const { group } = this.#options
    return [...this.#known.values()].map(({ key, upstream, lanes }) =>
      introduction(group, key, upstream, lanes),
    )
  }

  /** A message from a plane; its answers go to `reply`. */
  hear(message: AtTheDesk, waiting: Waiting, reply: (message: ToPlane) => void): void {
    // The queue judges by the share of those who found a slot at once, which it has not seen itself.
    this.#countTaken()
    if (message.kind === 'asks') {
      this.#admit(message, waiting, reply)
      return
    }
    if (message.kind === 'leaves') {
      // One who was granted a slot meanwhile is not here any more; the plane gives that back itself.
      waiting.get(message.ticket)?.onInterrupt?.(new Failure(message.code, message.detail))
      return
    }
    if (message.kind === 'turned away') {
      this.#options.admission.turnedAway(message.route)
      return
    }
    if (message.kind === 'answered') {
      this.#options.admission.answered(message.route, message.ageMs, message.tookMs)
      return
    }
    if (message.kind === 'abandoned') {
      this.#options.admission.abandoned(message.route, message.ageMs, message.waitedMs)
      return
    }
    const upstream = this.#known.get(message.upstream)?.upstream
    switch (message.kind) {
      case 'freed':
        // Of an upstream that has been removed nothing is known any more.
        if (upstream !== undefined) this.#poolOf(upstream)?.cameBack(message.lane, message.answered)
        break
      case 'connected':
        upstream?.connected()
        break
      case 'refused':
        upstream?.refused(message.detail)
        break
      case 'stalled':
        upstream?.stalled(message.silent)
        break
      case 'went':
        upstream?.went(message.well)
    }
  }

  #admit(asks: Asks, waiting: Waiting, reply: (message: ToPlane) => void): void {
    const { group, ticket, again, mayWait } = asks
    for (const { lanes } of this.#known.values()) lanes.shut()
    const applicant = new RemoteApplicant(asks, phase => reply({ kind: 'phase', group, ticket, phase }))
    const answered = (message: ToPlane): void => {
      waiting.delete(ticket)
      this.board.answered()
      reply(message)
    }
    const answer = (result: WorkerSlot | Failure): void => {
      if (result instanceof Failure) {
        const { code, detail, retryAfter, words } = result
        answered({ kind: 'sent away', group, ticket, code, detail, retryAfter, words })
        return
      }
      const upstream = this.#keyOf(result.pool.backend)
      if (upstream !== null) {
        answered({ kind: 'granted', group, ticket, upstream, lane: result.lane })
        return
      }
      // Removed in the turn in which it was granted, as its name leads elsewhere now: the plane does not know it any more.
      result.release()
      this.#admit({ ...asks, again: true }, waiting, reply)
    }
    const result = this.#options.admission.enter(applicant, again, mayWait)
    if (result instanceof Promise) {
      waiting.set(ticket, applicant)
      void result.then(answer)
    } else answer(result)
  }

  #countTaken(): void {
    const taken = this.board.taken()
    if (taken > 0) this.#options.admission.tookAtOnce(taken)
  }

  /** What has changed is made known: at the end of each turn with messages, and at each beat of the clock. */
  settle(): void {
    const { admission, outlook, chooses } = this.#options
    this.#countTaken()
    const quiet = admission.length === 0 && this.board.asking === 0 && !admission.paused
    for (const { upstream, lanes } of this.#known.values()) {
      const pool = this.#poolOf(upstream)
      lanes.plain = upstream.isPlain
      // Whoever learns from each slot's use is to hear of each.
      const unwatched = !chooses && pool !== undefined && pool.watcher === null
      if (unwatched && quiet && upstream.isPlain) this.#open(lanes, pool)
      else lanes.shut()
    }
    this.board.outlook = admission.paused && outlook() === 'open' ? 'held' : outlook()
    this.board.refuse(false, admission.refusal(this.#anybody)?.code ?? null)
    this.board.refuse(true, admission.refusal(this.#anyCheck)?.code ?? null)
  }

  #open(lanes: SharedLanes, { limit }: SlotPool<Upstream>): void {
    lanes.limit = limit
    lanes.unshut()
    // Somebody may have shut it just before, to ask.
    if (this.board.asking > 0) lanes.shut()
  }

  /** Who holds which lane, as the planes told, for those who look. */
  showHolders(lanes: Report['lanes']): void {
    for (const { lanes: shared } of this.#known.values()) shared.holders = []
    for (const { upstream, holders } of lanes) {
      const shared = this.#known.get(upstream)?.lanes.holders
      if (shared === undefined) continue
      for (const [lane, holder] of holders.entries()) shared[lane] = holder ?? shared[lane] ?? null
    }
  }

  #poolOf(upstream: Upstream): SlotPool<Upstream> | undefined {
    return this.#options.admission.pools.find(({ backend }) => backend === upstream)
  }

  #keyOf(upstream: Upstream): number | null {
    for (const { key, upstream: known } of this.#known.values()) if (known === upstream) return key
    return null
  }
}

function introduction(
  group: number,
  key: number,
  { name, endpoint, membership }: Upstream,
  lanes: SharedLanes,
): ToPlane {
  return { kind: 'added', group, upstream: key, name, endpoint, membership, lanes: lanes.memory }
}
