// All upstreams: the places behind the configured names, kept in step with the names; their outlook together;
// what is due for them now and then. It grants nothing itself; those that are down are asked by `prober.ts`.

import { now } from '../clock.ts'
import type { UpstreamConfig } from '../config/config.ts'
import { type Found, literalPlace, lookUp, type Place, placesOf } from './names.ts'
import { Prober, type ProberOptions } from './prober.ts'
import { termsAt } from './services.ts'
import { type Askers, type Membership, Upstream, type UpstreamEvents } from './upstream.ts'

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

export interface FleetOptions extends ProberOptions {
  readonly upstreams: readonly Member[]
  /** Looks names up; absent: the system does. */
  lookUp?(member: Member): Promise<Found | string>
  /** Where names led before this fleet was, for as long as they cannot be looked up; absent: that is not known. */
  readonly formerly?: Names
  /** A name that was never known is not waited for: who asked for it is told at once. */
  readonly refusesUnknown?: boolean
  /** How long requests are let wait for a fleet that refuses, in milliseconds. */
  readonly hold: number
  /** Whose connects find out whether one that refuses is back; absent: one request's at a time. */
  readonly askedBy?: Askers
  readonly events: UpstreamEvents
  added(upstream: Upstream): void
  removed(upstream: Upstream): void
  outlookChanged(): void
  /** An upstream may admit a request that waits. */
  dispatch(): void
  /** Whether requests wait, which ask themselves. */
  isAwaited(): boolean
  /** Set while the proxy stops: nobody is held any more. */
  readonly draining: boolean
}

export type Outlook = 'open' | 'held' | 'refusing'

/** After a lookup in vain, in milliseconds. */
const RETRY_MS = 5_000
/** More than any name has. */
const MOST_ADDRESSES = 4_096

export class Fleet {
  readonly all: Upstream[] = []
  readonly #options: FleetOptions
  readonly #prober: Prober
  readonly #places = new Map<Member, Upstream[]>()
  /** When a name is to be looked up again. */
  readonly #due = new Map<Member, number>()
  #outlook: Outlook = 'open'
  #lookingUp = false
  #askingAgain = false
  #stopped = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#prober = new Prober(options)
  }

  /**
   * Finds the first addresses; a name that is not known yet begins as one that is down, or where it led before.
   * @param bound settles when this process listens itself, and is to be seen to
   */
  async start(bound?: Promise<unknown>): Promise<void> {
    for (const member of this.#options.upstreams) {
      const former = this.#formerPlaces(member)
      if (former.length > 0) this.#keepTo(member, former)
    }
    await Promise.all(this.#options.upstreams.map(upstream => this.#refresh(upstream)))
    this.update()
    // A wrong port shows at once, and not at the first request; which is there already where it named the address itself.
    if (this.#options.refusesUnknown === true) return
    await bound?.catch(() => {})
    await Promise.all(this.all.map(upstream => this.#prober.lookForListener(upstream)))
    if (!this.#stopped) this.update()
  }

  stop(): void {
    this.#stopped = true
    this.#prober.stop()
  }

  get outlook(): Outlook {
    return this.#outlook
  }

  /** How long all of them have refused, in milliseconds; 0 while one is up. */
  downFor(at = now()): number {
    let shortest = Number.POSITIVE_INFINITY
    for (const upstream of this.all) shortest = Math.min(shortest, upstream.downFor(at))
    return this.all.length === 0 ? 0 : shortest
  }

  /** Works out the outlook anew and tells when it changed. */
  update(at = now()): void {
    const downFor = this.downFor(at)
    const { hold, draining } = this.#options
    const hopeless = draining || downFor > hold || (this.#options.refusesUnknown === true && this.#isUnknown)
    const open = downFor === 0 || (this.#askingAgain && !draining)
    const outlook = open ? 'open' : hopeless ? 'refusing' : 'held'
    if (outlook === this.#outlook) return
    this.#outlook = outlook
    this.#options.outlookChanged()
  }

  get #isUnknown(): boolean {
    return this.all.every(({ endpoint }) => endpoint === null)
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    this.update(at)
    void this.#refreshNames(at)
    // Requests that wait ask by themselves, as soon as an upstream admits one.
    if (this.#options.isAwaited()) {
      this.#options.dispatch()
    } else if (this.#prober.isDue(this.all, at)) {
      void this.#prober.ask(this.all, at).then(() => {
        if (!this.#stopped) this.update()
      })
    }
  }

  /** Looks every name up again, now. */
  refresh(): void {
    for (const member of this.#due.keys()) this.#due.set(member, 0)
  }

  /** Where nothing is known so far, it is asked for again at once, and requests wait for what comes of it. */
  askAgain(): void {
    if (this.#askingAgain || this.all.length === 0 || !this.#isUnknown) return
    this.#askingAgain = true
    this.update()
    void Promise.all([...this.#due.keys()].map(member => this.#refresh(member))).then(() => {
      this.#askingAgain = false
      if (!this.#stopped) this.update()
    })
  }

  /** Asks a worker by a whole request: whether anything of its protocol came back; null when none was free to be asked. */
  asksWorker(): Promise<boolean | null> {
    return this.#prober.asksWorker(this.all)
  }

  // One round at a time: where the name server does not answer, lookups must not pile up.
  async #refreshNames(at: number): Promise<void> {
    if (this.#lookingUp) return
    const named = [...this.#due].filter(([, due]) => at >= due).map(([member]) => member)
    if (named.length === 0) return
    this.#lookingUp = true
    await Promise.all(named.map(upstream => this.#refresh(upstream)))
    this.#lookingUp = false
  }

  async #refresh(config: Member): Promise<void> {
    const literal = literalPlace(config, config.asked)
    const found = literal === null ? await (this.#options.lookUp ?? lookUp)(config) : null
    if (this.#stopped) return
    const before = this.#places.get(config) ?? []
    if (literal === null)
      this.#due.set(config, now() + (typeof found === 'object' ? found!.goodForMs : this.#retryMs(before)))
    // The last good answer is kept; without one, the name itself is what is down.
    if (typeof found !== 'string') this.#keepTo(config, literal === null ? found!.places : [literal])
    else if (before.length === 0) this.#nameIsUnknown(config, found)
  }

  #keepTo(config: Member, places: readonly Place[]): void {
    const before = this.#places.get(config) ?? []
    const left = [...before]
    const after: Upstream[] = []
    for (const [i, place] of places.entries()) {
      const membership = membershipAt(place, config, i)
      if (membership === null) continue
      const at = left.findIndex(known => isSame(known, place, membership))
      after.push(at === -1 ? this.#add(place, membership) : left.splice(at, 1)[0]!)
    }
    this.#places.set(config, after)
    for (const gone of left) this.#remove(gone)
    this.update()
    if (after.length > before.length && this.#options.isAwaited()) this.#options.dispatch()
  }

  #formerPlaces(config: Member): Place[] {
    const { address, service, asked } = config
    if (address.kind === 'unix' || service || literalPlace(config, asked) !== null) return []
    return placesOf(config, this.#options.formerly?.get(address.host) ?? [])
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

  // Names that a client made up are not asked for without end: whoever comes for one again asks again.
  #retryMs(known: readonly Upstream[]): number {
    const isKnown = known.some(({ endpoint }) => endpoint !== null)
    return this.#options.refusesUnknown === true && !isKnown ? Number.POSITIVE_INFINITY : RETRY_MS
  }

  // Stands in for the addresses until the name is known.
  #nameIsUnknown(config: Member, code: string): void {
    const upstream = this.#add({ name: config.name, endpoint: null }, config.membership)
    this.#places.set(config, [upstream])
    const host = config.address.kind === 'tcp' ? config.address.host : config.name
    upstream.refused(`${code} ${host}: the name is not known`)
    this.update()
  }

  #add(place: Place, membership: Membership | undefined): Upstream {
    const { events, askedBy } = this.#options
    const upstream = new Upstream(place.name, place.endpoint, events, membership, askedBy)
    this.all.push(upstream)
    this.#options.added(upstream)
    return upstream
  }

  #remove(upstream: Upstream): void {
    this.all.splice(this.all.indexOf(upstream), 1)
    // First: its end as one that is down may open the outlook, and who waits must not be given to it.
    this.#options.removed(upstream)
    if (!upstream.isUp) upstream.connected()
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

/** The very same, with as much to be given to it: an address whose service says otherwise of it begins anew. */
function isSame({ endpoint, membership }: Upstream, place: Place, at: Membership | undefined): boolean {
  if (JSON.stringify(endpoint) !== JSON.stringify(place.endpoint)) return false
  if (place.told === undefined || at === undefined) return true
  const { server, terms } = membership
  return server === at.server && terms.weight === at.terms.weight && terms.backup === at.terms.backup
}
