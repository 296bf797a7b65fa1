// The house's desks, one for each group of upstreams, as the planes know them by number: who hears what, and what a plane
// is told of them. Groups that requests work out are opened here when a plane asks, and closed when they are forgotten.

import type { SharedLanes } from '../admit/shared-lanes.ts'
import { Failure } from '../errors.ts'
import type { Group } from '../groups/group.ts'
import type { Groups } from '../groups/groups.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { type AtTheDesk, Desk, type Waiting } from './desk.ts'
import type { Opening, Report, ToHouse, ToPlane } from './messages.ts'

/** What comes to the desks. */
export type AtTheDesks = AtTheDesk | Extract<ToHouse, { kind: 'wants' }>

export class Desks {
  readonly #broadcast: (message: ToPlane) => void
  readonly #desks = new Map<number, { readonly group: Group; readonly desk: Desk }>()
  readonly #keys = new Map<Group, number>()
  #groups: Groups | null = null
  #lastKey = 0

  /** @param broadcast to every plane */
  constructor(broadcast: (message: ToPlane) => void) {
    this.#broadcast = broadcast
  }

  /** From here on, what requests work out can be asked for. */
  serve(groups: Groups): void {
    this.#groups = groups
    groups.onChange = (group, there) => {
      if (there) this.#broadcast({ kind: 'opened', opening: this.#opening(group) })
      else this.#close(group)
    }
  }

  /** Memory for the lanes of a new upstream of this group. */
  lanesOf(group: Group, upstream: Upstream): SharedLanes {
    return this.#deskOf(group).lanesOf(upstream)
  }

  removed(group: Group, upstream: Upstream): void {
    this.#deskOf(group).removed(upstream)
  }

  #deskOf(group: Group): Desk {
    const known = this.#desks.get(this.#keys.get(group) ?? -1)
    if (known !== undefined) return known.desk
    const key = this.#lastKey++
    const desk = new Desk({
      group: key,
      chooses: group.hasChoice,
      admission: group.admission,
      outlook: () => group.outlook,
      broadcast: this.#broadcast,
    })
    this.#keys.set(group, key)
    this.#desks.set(key, { group, desk })
    return desk
  }

  #opening(group: Group): Opening {
    const { board } = this.#deskOf(group)
    const { config, terms, hold, workerTimeout } = group
    const { queueSize } = terms
    return { group: this.#keys.get(group)!, config, queueSize, hold, workerTimeout, board: board.memory }
  }

  #close(group: Group): void {
    const key = this.#keys.get(group)
    if (key === undefined) return
    this.#keys.delete(group)
    this.#desks.delete(key)
    this.#broadcast({ kind: 'closed', group: key })
  }

  /** Of the flags' or the file's groups, in their order. */
  openings(): Opening[] {
    return this.#groups?.configured.map(group => this.#opening(group)) ?? []
  }

  /** What a plane that begins is to know. */
  introductions(): ToPlane[] {
    return [...this.#desks.values()].flatMap(({ desk }) => desk.introductions())
  }

  /** A message from a plane; its answers go to `reply`. */
  hear(message: AtTheDesks, waiting: Waiting, reply: (message: ToPlane) => void): void {
    if (message.kind === 'wants') {
      const found = this.#groups?.computed(message.target)
      const group = found instanceof Failure ? found.detail : found === undefined ? '' : this.#keyOf(found)
      reply({ kind: 'group', ask: message.ask, group })
      return
    }
    if (message.kind === 'leaves') {
      // One who was granted a slot meanwhile is not here any more; the plane gives that back itself.
      waiting.get(message.ticket)?.onInterrupt?.(new Failure(message.code, message.detail))
      return
    }
    const desk = this.#desks.get(message.group)?.desk
    if (desk !== undefined) desk.hear(message, waiting, reply)
    else if (message.kind === 'asks') {
      const { group, ticket } = message
      const detail = 'its upstream was forgotten meanwhile'
      reply({
        kind: 'sent away',
        group,
        ticket,
        code: 'upstream_unknown',
        detail,
        retryAfter: null,
        words: null,
      })
    }
  }

  #keyOf(group: Group): number {
    this.#deskOf(group)
    return this.#keys.get(group)!
  }

  /** What has changed is made known: at the end of each turn with messages, and at each beat of the clock. */
  settle(watching: boolean): void {
    for (const { desk } of this.#desks.values()) {
      desk.settle()
      desk.board.watching = watching
    }
  }

  /** Who holds which lane, as the planes told, for those who look. */
  showHolders(lanes: Report['lanes']): void {
    for (const [key, { desk }] of this.#desks) desk.showHolders(lanes.filter(({ group }) => group === key))
  }
}
