// Where the members of a fleet are: each is an address, or a name that is looked up again whenever its answer has had its
// time. Keeps the upstreams there in step with what is found, and the last good answer where nothing is. Whether they are up
// is the fleet's to know, and how a name is asked for `names.ts`'s and `name-servers.ts`'s.

import { now } from '../clock.ts'
import type { UpstreamConfig } from '../config/config.ts'
import { type Found, literalPlace, lookUp, type Place, placesOf } from './names.ts'
import { termsAt } from './services.ts'
import type { Membership, Upstream } from './upstream.ts'

/** One configured upstream: an address, or a name with as many as it has. */
export interface Member extends UpstreamConfig {
  /** What its group says of it; absent: it is in none. */
  readonly membership?: Membership
  /** Its name is asked of the name servers that were named, and not of the system. */
  readonly asked?: boolean
  /** The service whose servers are looked for there; absent or null: it is a name with addresses. */
  readonly service?: string | null
}

/** Addresses by names. */
export type Names = ReadonlyMap<string, readonly string[]>

export interface WhereaboutsOptions {
  readonly upstreams: readonly Member[]
  /** Looks names up; absent: the system does. */
  lookUp?(member: Member): Promise<Found | string>
  /** Where names led before this fleet was, for as long as they cannot be looked up; absent: that is not known. */
  readonly formerly?: Names
  /** A name that was never known is not waited for: who asked for it is told at once. */
  readonly refusesUnknown?: boolean
}

/** Whose upstreams they are. */
export interface Owner {
  add(place: Place, membership: Membership | undefined): Upstream
  remove(upstream: Upstream): void
  /** It is known anew where a member is. @param more there are more of its upstreams than before */
  changed(more: boolean): void
}

/** After a lookup in vain, in milliseconds. */
const RETRY_MS = 5_000
/** More than any name has. */
const MOST_ADDRESSES = 4_096

export class Whereabouts {
  readonly #options: WhereaboutsOptions
  readonly #owner: Owner
  readonly #places = new Map<Member, Upstream[]>()
  /** When a name is to be looked up again. */
  readonly #due = new Map<Member, number>()
  #lookingUp = false
  #stopped = false

  constructor(options: WhereaboutsOptions, owner: Owner) {
    this.#options = options
    this.#owner = owner
  }

  /** Settles with the first addresses; a name that is not known yet begins as one that is down, or where it led before. */
  start(): Promise<unknown> {
    for (const member of this.#options.upstreams) {
      const former = this.#formerPlaces(member)
      if (former.length > 0) this.#keepTo(member, former)
    }
    return Promise.all(this.#options.upstreams.map(member => this.#find(member)))
  }

  /** What is under way comes to nothing. */
  stop(): void {
    this.#stopped = true
  }

  /** The coarse clock's beat: looks those names up whose time has come. */
  async tick(at: number): Promise<void> {
    // One round at a time: where the name server does not answer, lookups must not pile up.
    if (this.#lookingUp) return
    const named = [...this.#due].filter(([, due]) => at >= due).map(([member]) => member)
    if (named.length === 0) return
    this.#lookingUp = true
    await Promise.all(named.map(member => this.#find(member)))
    this.#lookingUp = false
  }

  /** Has every name looked up at the next beat. */
  refresh(): void {
    for (const member of this.#due.keys()) this.#due.set(member, 0)
  }

  /** Looks every name up at once; settles when all have been. */
  lookUpAll(): Promise<unknown> {
    return Promise.all([...this.#due.keys()].map(member => this.#find(member)))
  }

  /** Where names lead, as far as is known. */
  get names(): Names {
    const names = new Map<string, readonly string[]>()
    for (const [{ address, service }, upstreams] of this.#places) {
      if (address.kind === 'unix' || service) continue
      const found = upstreams.flatMap(({ endpoint }) =>
        endpoint !== null && 'host' in endpoint ? endpoint.host : [],
      )
      if (found.length > 0) names.set(address.host, found)
    }
    return names
  }

  async #find(member: Member): Promise<void> {
    const literal = literalPlace(member, member.asked)
    const found = literal === null ? await (this.#options.lookUp ?? lookUp)(member) : null
    if (this.#stopped) return
    const before = this.#places.get(member) ?? []
    if (literal === null)
      this.#due.set(member, now() + (typeof found === 'object' ? found!.goodForMs : this.#retryMs(before)))
    // The last good answer is kept; without one, the name itself is what is down.
    if (typeof found !== 'string') this.#keepTo(member, literal === null ? found!.places : [literal])
    else if (before.length === 0) this.#nameIsUnknown(member, found)
  }

  #keepTo(member: Member, places: readonly Place[]): void {
    const before = this.#places.get(member) ?? []
    // Worked out once: there may be thousands, all of them others than before.
    const left = before.map(upstream => ({ upstream, where: JSON.stringify(upstream.endpoint) }))
    const after: Upstream[] = []
    for (const [i, place] of places.entries()) {
      const membership = membershipAt(place, member, i)
      if (membership === null) continue
      const where = JSON.stringify(place.endpoint)
      const at = left.findIndex(known => known.where === where && isAlike(known.upstream, place, membership))
      after.push(at === -1 ? this.#owner.add(place, membership) : left.splice(at, 1)[0]!.upstream)
    }
    this.#places.set(member, after)
    for (const { upstream } of left) this.#owner.remove(upstream)
    this.#owner.changed(after.length > before.length)
  }

  #formerPlaces(member: Member): Place[] {
    const { address, service, asked } = member
    if (address.kind === 'unix' || service || literalPlace(member, asked) !== null) return []
    return placesOf(member, this.#options.formerly?.get(address.host) ?? [])
  }

  // Names that a client made up are not asked for without end: whoever comes for one again asks again.
  #retryMs(known: readonly Upstream[]): number {
    const isKnown = known.some(({ endpoint }) => endpoint !== null)
    return this.#options.refusesUnknown === true && !isKnown ? Number.POSITIVE_INFINITY : RETRY_MS
  }

  // Stands in for the addresses until the name is known.
  #nameIsUnknown(member: Member, code: string): void {
    const upstream = this.#owner.add({ name: member.name, endpoint: null }, member.membership)
    this.#places.set(member, [upstream])
    const host = member.address.kind === 'tcp' ? member.address.host : member.name
    upstream.refused(`${code} ${host}: the name is not known`)
    this.#owner.changed(false)
  }
}

/** What its group says of the address at a place. Undefined: nothing; null: it is not to be used. */
function membershipAt({ told }: Place, { membership }: Member, index: number): Membership | undefined | null {
  if (membership === undefined) return undefined
  // Addresses of one name stand together in the order of the file.
  const here = { ...membership, rank: membership.rank + index / MOST_ADDRESSES }
  if (told === undefined) return here
  const terms = termsAt(membership.terms, told)
  return terms && { ...here, server: told.server, terms }
}

/** With as much to be given to it: an address whose service says otherwise of it begins anew. */
function isAlike({ membership }: Upstream, place: Place, at: Membership | undefined): boolean {
  if (place.told === undefined || at === undefined) return true
  const { server, terms } = membership
  return server === at.server && terms.weight === at.terms.weight && terms.backup === at.terms.backup
}
