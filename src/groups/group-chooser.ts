// Chooses among the addresses of a group, for its queue: nginx's method where there is a choice, and what the shield knows
// beside that. Joins pools to pickers; keeps nothing of its own.
//
// As nginx has it: whoever has failed too often is left out, and so is whoever has `max_conns` already; backups are for
// when no other can be had; a request that comes again goes to another first. What differs: an address whose workers
// are merely busy is waited for, in the queue, and where none can be had the one that may be asked is asked.

import type { Chooser } from '../admit/admission.ts'
import type { Applicant } from '../admit/applicant.ts'
import { leastBusy, type SlotPool } from '../admit/slot-pool.ts'
import type { Peer, Picker } from '../upstream/balance/picker.ts'
import type { Standing } from '../upstream/balance/standing.ts'
import type { Upstream } from '../upstream/upstream.ts'

type Pool = SlotPool<Upstream>

/** A pool as the pickers see it. */
class PoolPeer implements Peer {
  readonly pool: Pool
  readonly standing: Standing
  readonly server: string

  constructor(pool: Pool) {
    this.pool = pool
    this.standing = pool.backend.standing
    this.server = pool.backend.membership.server
  }

  get busy(): number {
    return this.pool.busy
  }

  /** Whether it can be had, be it after a wait. */
  isThere(at: number): boolean {
    const { backend, busy, retired } = this.pool
    const { maxConns } = this.standing.terms
    if (retired || this.standing.isOut(at) || (maxConns > 0 && busy >= maxConns)) return false
    return backend.isUp || backend.admits(at)
  }
}

export class GroupChooser implements Chooser<Upstream> {
  readonly #picker: Picker
  readonly #peers = new WeakMap<Pool, PoolPeer>()

  constructor(picker: Picker) {
    this.#picker = picker
  }

  choose(pools: readonly Pool[], applicant: Applicant, at: number): Pool | null {
    const all = pools.map(pool => this.#peerOf(pool))
    const primary = all.filter(({ standing }) => !standing.terms.backup)
    const backups = primary.length === all.length ? [] : all.filter(({ standing }) => standing.terms.backup)
    for (const tried of applicant.tried === null ? [null] : [applicant.tried, null]) {
      for (const peers of [primary, backups]) {
        const can = (peer: PoolPeer) => peer.isThere(at) && tried?.includes(peer.pool.backend.name) !== true
        if (!peers.some(can)) continue
        return this.#pick(peers, can, applicant, at)
      }
    }
    // None is there: whichever may be asked is, and one that has not been asked for this request before one that has.
    const others = pools.filter(({ backend }) => applicant.tried?.includes(backend.name) !== true)
    return leastBusy(others, at, applicant.resendable) ?? leastBusy(pools, at, applicant.resendable)
  }

  #pick(
    peers: readonly PoolPeer[],
    can: (peer: PoolPeer) => boolean,
    { balanceKey, resendable }: Applicant,
    at: number,
  ): Pool | null {
    const hasRoom = ({ pool }: PoolPeer) => pool.hasRoom(at, resendable)
    const byKey = this.#picker.byKey && balanceKey !== null && balanceKey !== ''
    const found = this.#picker.pick(peers, byKey ? can : peer => can(peer) && hasRoom(peer), balanceKey)
    if (found === null || !hasRoom(found)) return null
    found.standing.chosen(at)
    return found.pool
  }

  #peerOf(pool: Pool): PoolPeer {
    let peer = this.#peers.get(pool)
    if (peer === undefined) this.#peers.set(pool, (peer = new PoolPeer(pool)))
    return peer
  }
}
