// An upstream as a data plane in a thread of its own sees it: where it is, and which of its lanes are taken. Whether
// it is up is the house's to know; what connections find out is told there, as far as it is news.

import { SharedLanes } from '../admit/shared-lanes.ts'
import type { WorkerSlot } from '../house.ts'
import { type Endpoint, type Membership, Upstream } from '../upstream/upstream.ts'
import type { ToHouse } from './messages.ts'
import type { Outbox } from './outbox.ts'

/** The house has the one state, and tells its transitions. */
const NO_EVENTS = { down() {}, up() {} }

export class RemoteUpstream extends Upstream {
  /** Names it between plane and house. */
  readonly key: { readonly group: number; readonly upstream: number }
  readonly lanes: SharedLanes
  /** Which request of this plane holds each lane; null: none of them. */
  readonly holders: (string | null)[] = []
  readonly #outbox: Outbox<ToHouse>

  constructor(
    key: RemoteUpstream['key'],
    name: string,
    endpoint: Endpoint | null,
    membership: Membership,
    memory: SharedArrayBuffer,
    outbox: Outbox<ToHouse>,
  ) {
    super(name, endpoint, NO_EVENTS, membership)
    this.key = key
    this.lanes = new SharedLanes(memory)
    this.#outbox = outbox
  }

  override connected(): void {
    if (!this.lanes.plain) this.#outbox.put({ kind: 'connected', ...this.key })
  }

  override refused(detail: string): void {
    // At once, so that what was refused does not take the next lane and is refused again.
    this.lanes.shut()
    this.#outbox.put({ kind: 'refused', ...this.key, detail })
  }

  override stalled(silent: boolean): void {
    this.lanes.shut()
    this.#outbox.put({ kind: 'stalled', ...this.key, silent })
  }

  override went(well: boolean): void {
    // What went well is no news where nothing had gone wrong.
    if (!well || !this.lanes.plain) this.#outbox.put({ kind: 'went', ...this.key, well })
  }

  /** The right to one connection, whose lane has been taken. */
  slot(lane: number, holder: string): WorkerSlot {
    if (lane >= 0) this.holders[lane] = holder
    let held = true
    const slot = {
      pool: { backend: this },
      lane,
      answered: false,
      release: () => {
        if (!held) return
        held = false
        this.giveBack(lane, slot.answered)
      },
    }
    return slot
  }

  giveBack(lane: number, answered: boolean): void {
    if (lane >= 0) this.holders[lane] = null
    if (this.lanes.giveBack(lane)) {
      this.#outbox.put({ kind: 'freed', ...this.key, lane, answered })
    }
  }
}
