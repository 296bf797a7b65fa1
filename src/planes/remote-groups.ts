// The groups of upstreams in a data plane with a thread of its own: what stands in for those of the house. One that a
// request works out is asked of the house each time, so that the house knows which are in use.

import { Failure } from '../errors.ts'
import type { ComputedTarget, UpstreamGroup, UpstreamGroups } from '../house.ts'
import { Board } from './board.ts'
import type { Opening, Report, ToHouse, ToPlane } from './messages.ts'
import type { Outbox } from './outbox.ts'
import { type OfGroup, RemoteAdmission } from './remote-admission.ts'

class RemoteGroup implements UpstreamGroup {
  readonly key: number
  readonly name: string
  readonly config: UpstreamGroup['config']
  readonly admission: RemoteAdmission
  readonly hold: number
  readonly workerTimeout: number | null
  readonly board: Board

  constructor(opening: Opening, outbox: Outbox<ToHouse>, tickets: { last: number }) {
    const { group, config, queueSize, hold, workerTimeout, board } = opening
    this.key = group
    this.name = config.name
    this.config = config
    this.hold = hold
    this.workerTimeout = workerTimeout
    this.board = new Board(board)
    this.admission = new RemoteAdmission(this.board, queueSize, outbox, group, tickets)
  }

  left(tried: readonly string[] | null): number {
    return this.admission.left(tried)
  }

  get addresses(): string[] {
    return this.admission.addresses
  }
}

/** What the house says of groups. */
export type ForGroups = OfGroup | Extract<ToPlane, { kind: 'opened' | 'closed' | 'group' }>

export class RemoteGroups implements UpstreamGroups {
  readonly #outbox: Outbox<ToHouse>
  readonly #tickets = { last: 0 }
  readonly #byKey = new Map<number, RemoteGroup>()
  readonly #byName = new Map<string, RemoteGroup>()
  readonly #asked = new Map<number, (group: UpstreamGroup | Failure) => void>()
  #lastAsk = 0

  constructor(groups: readonly Opening[], outbox: Outbox<ToHouse>) {
    this.#outbox = outbox
    for (const opening of groups) this.#open(opening)
  }

  #open(opening: Opening): void {
    const group = new RemoteGroup(opening, this.#outbox, this.#tickets)
    this.#byKey.set(group.key, group)
    this.#byName.set(group.name, group)
  }

  get first(): UpstreamGroup {
    return this.#byName.values().next().value!
  }

  of(name: string): UpstreamGroup {
    const group = this.#byName.get(name)
    if (group === undefined) throw new Error(`there is no group ${name}`)
    return group
  }

  computed(target: ComputedTarget): Promise<UpstreamGroup | Failure> {
    const ask = ++this.#lastAsk
    this.#outbox.put({ kind: 'wants', ask, target })
    return new Promise(resolve => this.#asked.set(ask, resolve))
  }

  /** Whether the house wants to hear of each connection that stands. */
  get watching(): boolean {
    for (const { board } of this.#byKey.values()) if (board.watching) return true
    return false
  }

  hear(message: ForGroups): void {
    switch (message.kind) {
      case 'opened':
        this.#open(message.opening)
        break
      case 'closed': {
        const name = this.#byKey.get(message.group)?.name ?? ''
        this.#byKey.delete(message.group)
        // A later file may have given its name to another.
        if (this.#byName.get(name)?.key === message.group) this.#byName.delete(name)
        break
      }
      case 'group': {
        const group = typeof message.group === 'number' ? this.#byKey.get(message.group) : undefined
        const why = typeof message.group === 'string' ? message.group : 'its upstream was forgotten meanwhile'
        this.#asked.get(message.ask)?.(group ?? new Failure('upstream_unknown', why))
        this.#asked.delete(message.ask)
        break
      }
      default:
        this.#byKey.get(message.group)?.admission.hear(message)
    }
  }

  /** Which request of this plane holds which lane. */
  lanes(): Report['lanes'] {
    return [...this.#byKey.values()].flatMap(({ admission }) =>
      [...admission.upstreams].map(({ key, holders }) => ({ ...key, holders })),
    )
  }
}
