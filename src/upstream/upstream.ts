// One address of an upstream and its state: up, or down since when, and when it is asked again. The question
// is the first held request's own connect, never an empty connection. It opens no connection itself and knows
// no slot's holder.

import { now } from '../clock.ts'
import { formatAddress } from '../config/addresses.ts'
import type { Endpoint } from '../kernel/listeners.ts'
import { Standing, type Terms, USUAL_TERMS } from './balance/standing.ts'
import { HeadStart } from './outgoing-request.ts'

export type { Endpoint } from '../kernel/listeners.ts'

export interface UpstreamEvents {
  /** One line a transition; `detail` says what was refused. */
  down(upstream: Upstream, detail: string): void
  up(upstream: Upstream, downForMs: number): void
}

/** What a group says of the address. */
export interface Membership {
  /** As the configuration names it, for a place on the consistent ring. */
  readonly server: string
  readonly terms: Terms
  /** The configuration's own word that nothing is to be given to it. */
  readonly withdrawn: boolean
  /** Its place in the order of the file. */
  readonly rank: number
  /** What metrics call it, of a bounded set; null: its name. */
  readonly label: string | null
}

/**
 * Whose connects find out whether one that refuses is back. Where a file has nobody held, a request that did not ask for
 * itself would be answered an error although it is.
 */
export type Askers = 'one at a time' | 'all'

const ALONE: Membership = { server: '', terms: USUAL_TERMS, withdrawn: false, rank: 0, label: null }

/** How long after a refusal the next request may ask again: 100 to 250 ms (fine-points.md). */
const PROBE_EVERY_MS = 150
/** After a connect that timed out: the question itself costs a request its time. */
const PROBE_AFTER_SILENCE_MS = 250

export class Upstream {
  /** What the user wrote, with the address when the name has several. */
  readonly name: string
  /** Null while the name behind it is not known: then nothing is given to it. */
  readonly endpoint: Endpoint | null
  /** When it began to refuse; 0 while it is up. */
  downSince = 0
  /** What the last refusal was. */
  detail = ''
  /** It has been seen to keep a connection open after a whole answer and our FIN. */
  neverCloses = false
  #askAgainAt = 0
  #asking = false
  readonly membership: Membership
  /** How it stands among the others of its group. */
  readonly standing: Standing
  /** Whether requests may go out to it with the connect. */
  readonly headStart = new HeadStart()
  readonly #events: UpstreamEvents
  readonly #askedBy: Askers

  /** @param askedBy while it refuses */
  constructor(
    name: string,
    endpoint: Endpoint | null,
    events: UpstreamEvents,
    membership = ALONE,
    askedBy: Askers = 'one at a time',
  ) {
    this.name = name
    this.endpoint = endpoint
    this.membership = membership
    this.#askedBy = askedBy
    this.standing = new Standing(membership.terms)
    this.#events = events
  }

  /** What metrics call it. */
  get label(): string {
    return this.membership.label ?? this.name
  }

  /** The address as people write it. */
  get where(): string {
    const { endpoint } = this
    if (endpoint === null) return 'unknown'
    return 'path' in endpoint ? `unix:${endpoint.path}` : formatAddress({ kind: 'tcp', ...endpoint })
  }

  /** It has an address, and is to be given requests. */
  get isKnown(): boolean {
    return this.endpoint !== null && !this.membership.withdrawn
  }

  get isUp(): boolean {
    return this.downSince === 0 && !this.membership.withdrawn
  }

  /** Nothing is known against it: requests may be given to it at any time. */
  get isPlain(): boolean {
    return this.endpoint !== null && this.isUp && this.#askAgainAt === 0 && this.standing.isClean
  }

  /** Whether a request may be given to it now: while it is down, one at a time and not too often, or every one. */
  admits(at: number): boolean {
    if (!this.isKnown) return false
    if (this.#askAgainAt === 0) return true
    return at >= this.#askAgainAt && (this.#askedBy === 'all' || !this.#asking)
  }

  /** A slot was granted: the request is about to connect. */
  granted(): void {
    this.#asking = true
  }

  /** A slot came back. Its client may have left before the connect had an answer: then somebody else may ask. */
  returned(): void {
    this.#asking = false
  }

  /** How long it has refused, in milliseconds; 0 while it is up, without end where it is not to be used. */
  downFor(at = now()): number {
    if (this.membership.withdrawn) return Number.POSITIVE_INFINITY
    return this.downSince === 0 ? 0 : at - this.downSince
  }

  connected(): void {
    this.#asking = false
    if (this.#askAgainAt !== 0) this.standing.returned()
    this.#askAgainAt = 0
    if (this.downSince === 0) return
    const downFor = this.downFor()
    this.downSince = 0
    this.detail = ''
    this.#events.up(this, downFor)
  }

  /** How a request went with it, in the sense of its group's method: what failed so often is left out for a while. */
  went(well: boolean): void {
    if (well) this.standing.worked()
    else this.standing.failed(now())
  }

  /** It refuses connections, or nobody is there: a restart, a deploy, a wrong address. */
  refused(detail: string): void {
    this.#asking = false
    this.detail = detail
    const at = now()
    this.#askAgainAt = this.#askedBy === 'all' ? at : at + PROBE_EVERY_MS
    this.standing.failed(at)
    if (this.downSince !== 0) return
    this.downSince = at
    this.#events.down(this, detail)
  }

  /** No refusal, but no connection either: its backlog is full, or we are short of something. Not for long. */
  stalled(silent: boolean): void {
    const at = now()
    this.#asking = false
    this.standing.failed(at)
    this.#askAgainAt = at + (silent ? PROBE_AFTER_SILENCE_MS : PROBE_EVERY_MS)
  }
}
