// The worker slots of one upstream: how many there are, and whether one may be had now. A slot is a right to hold one
// connection to the upstream; whoever takes one gives it back once. Knows no HTTP and no sockets.

import { now } from '../clock.ts'
import { type Lanes, OwnLanes } from './lanes.ts'

/** What a pool must know of the upstream it belongs to. */
export interface Backend {
  readonly name: string
  /** Whether a request may be given to it now: it is up, or a probe of it is due. */
  admits(at: number): boolean
  /** A slot of it was granted (and will be used to connect at once). */
  granted(): void
  /** A slot came back: whatever its holder was to find out about the upstream, it has, or never will. */
  returned(): void
}

/** Told of every slot that is taken and given back: what the number of slots is learned from. */
export interface PoolWatcher {
  granted(lane: number, route: string, at: number): void
  /** @param answered the worker gave a whole answer: the time it took tells something. */
  ended(lane: number, answered: boolean, at: number): void
}

/** One taken slot. `release` may be called twice; the second call does nothing. */
export class Slot<B extends Backend> {
  readonly pool: SlotPool<B>
  /** The lane's number, from 0: the lowest that was free. */
  readonly lane: number
  readonly takenAt: number
  /** Set by its holder once the worker's answer is whole. */
  answered = false
  #held = true

  constructor(pool: SlotPool<B>, lane: number, at: number) {
    this.pool = pool
    this.lane = lane
    this.takenAt = at
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.pool.free(this.lane, this.answered)
  }
}

export class SlotPool<B extends Backend> {
  readonly backend: B
  /** How many requests may be with workers at once; Infinity where there is no limit. Changes as more is learned. */
  limit: number
  /** How many it may be while more is tried: only what can be sent again goes beyond the limit. */
  ceiling: number
  /** An address that is no longer the upstream's: it is given nothing more. */
  retired = false
  watcher: PoolWatcher | null = null
  readonly #lanes: Lanes
  readonly #onFree: () => void

  /** @param lanes where it is kept which are taken: here, or in memory that several threads share */
  constructor(backend: B, limit: number, onFree: () => void, lanes: Lanes = new OwnLanes()) {
    this.backend = backend
    this.limit = this.ceiling = limit
    this.#onFree = onFree
    this.#lanes = lanes
  }

  /** How many slots are taken. */
  get busy(): number {
    return this.#lanes.busy
  }

  /** Which request holds each lane; null: free. */
  get lanes(): readonly (string | null)[] {
    return this.#lanes.holders
  }

  /** @param resendable it may be given to a second worker when the first is lost: it may be what is tried. */
  hasRoom(at: number, resendable = false): boolean {
    return this.busy < (resendable ? this.ceiling : this.limit) && !this.retired && this.backend.admits(at)
  }

  take(holder: string, at: number, route = ''): Slot<B> {
    const lane = this.#lanes.take(holder)
    this.backend.granted()
    this.watcher?.granted(lane, route, at)
    return new Slot(this, lane, at)
  }

  free(lane: number, answered = false): void {
    this.#lanes.free(lane)
    this.cameBack(lane, answered)
  }

  /** A lane has been given back, here or in another thread. */
  cameBack(lane: number, answered: boolean): void {
    this.backend.returned()
    this.watcher?.ended(lane, answered, now())
    this.#onFree()
  }
}

/** The pool with the fewest slots taken, of those that have room for such a request; null: none has. */
export function leastBusy<B extends Backend>(
  pools: readonly SlotPool<B>[],
  at: number,
  resendable = false,
): SlotPool<B> | null {
  let best: SlotPool<B> | null = null
  for (const pool of pools) {
    if ((best === null || pool.busy < best.busy) && pool.hasRoom(at, resendable)) best = pool
  }
  return best
}
