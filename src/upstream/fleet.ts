// All upstreams: the places behind the configured names, kept in step with the names; their outlook together;
// what is due for them now and then. It grants nothing itself and opens no connection but a probe's.

import type { UpstreamConfig } from '../config/config.ts'
import { now } from '../exchange.ts'
import { isListening } from '../kernel/listeners.ts'
import { LOOKUP_EVERY_MS, literalPlace, lookUp, type Place } from './names.ts'
import { answers } from './probe.ts'
import { Upstream, type UpstreamEvents } from './upstream.ts'

export interface FleetOptions {
  readonly upstreams: readonly UpstreamConfig[]
  /** How long requests are let wait for a fleet that refuses, in milliseconds. */
  readonly hold: number
  readonly connectTimeout: number
  /** For a worker that is asked whether it is well, in milliseconds. */
  readonly probeTimeout: number
  /** A path to ask for when nobody else asks. */
  readonly probePath: string
  readonly events: UpstreamEvents
  added(upstream: Upstream): void
  removed(upstream: Upstream): void
  outlookChanged(): void
  /** An upstream may admit a request that waits. */
  dispatch(): void
  /** Whether requests wait, which ask themselves. */
  isAwaited(): boolean
  /** Takes a slot of this upstream for a probe; null when none is free. */
  takeSlot(upstream: Upstream): { release(): void } | null
  /** Set while the proxy stops: nobody is held any more. */
  readonly draining: boolean
}

export type Outlook = 'open' | 'held' | 'refusing'

/** How often an upstream that is down, and that nobody waits for, is asked. */
const PROBE_EVERY_MS = 1_000

export class Fleet {
  readonly all: Upstream[] = []
  readonly #options: FleetOptions
  readonly #places = new Map<UpstreamConfig, Upstream[]>()
  #outlook: Outlook = 'open'
  #lookedUpAt = 0
  #probedAt = 0
  #probing = false
  #lookingUp = false
  #stopped = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /** Finds the first addresses; a name that is not known yet begins as one that is down. */
  async start(): Promise<void> {
    await Promise.all(this.#options.upstreams.map(upstream => this.#refresh(upstream)))
    this.#lookedUpAt = now()
    this.update()
    // A wrong port shows at once, and not at the first request.
    await Promise.all(this.all.map(upstream => this.#lookForListener(upstream)))
  }

  stop(): void {
    this.#stopped = true
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
    const outlook = downFor === 0 ? 'open' : draining || downFor > hold ? 'refusing' : 'held'
    if (outlook === this.#outlook) return
    this.#outlook = outlook
    this.#options.outlookChanged()
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    this.update(at)
    if (at - this.#lookedUpAt >= LOOKUP_EVERY_MS) {
      this.#lookedUpAt = at
      void this.#refreshNames()
    }
    // Requests that wait ask by themselves, as soon as an upstream admits one.
    if (this.#options.isAwaited()) {
      this.#options.dispatch()
    } else if (
      at - this.#probedAt >= PROBE_EVERY_MS &&
      !this.#probing &&
      this.all.some(({ isUp }) => !isUp)
    ) {
      this.#probedAt = at
      void this.#probe()
    }
  }

  /** Looks every name up again, now. */
  refresh(): void {
    this.#lookedUpAt = 0
  }

  async #probe(): Promise<void> {
    this.#probing = true
    for (const upstream of this.all) if (!upstream.isUp) await this.#ask(upstream)
    this.#probing = false
    if (!this.#stopped) this.update()
  }

  async #ask(upstream: Upstream): Promise<void> {
    const { endpoint } = upstream
    if (endpoint === null) return
    const listening = await isListening(endpoint)
    if (this.#stopped || upstream.isUp) return
    if (listening !== null) {
      if (listening) upstream.connected()
      return
    }
    const slot = this.#options.takeSlot(upstream)
    if (slot === null) return
    const { connectTimeout, probePath } = this.#options
    const up = await answers(endpoint, probePath, upstream.name, connectTimeout)
    if (up) upstream.connected()
    else upstream.refused(upstream.detail)
    slot.release()
  }

  /** Asks a worker by a whole request: whether anything that is HTTP came back; null when none was free to be asked. */
  async asksWorker(): Promise<boolean | null> {
    for (const upstream of this.all) {
      const { endpoint, isUp, name } = upstream
      const slot = isUp && endpoint !== null ? this.#options.takeSlot(upstream) : null
      if (slot === null) continue
      try {
        const { probeTimeout, probePath } = this.#options
        return await answers(endpoint!, probePath, name, probeTimeout)
      } finally {
        slot.release()
      }
    }
    return null
  }

  async #lookForListener(upstream: Upstream): Promise<void> {
    const { endpoint } = upstream
    if (endpoint === null || (await isListening(endpoint)) !== false || this.#stopped) return
    const detail = 'path' in endpoint ? `ENOENT ${endpoint.path}` : `ECONNREFUSED ${upstream.where}`
    upstream.refused(`${detail} (nobody listens there)`)
    this.update()
  }

  // One round at a time: where the name server does not answer, lookups must not pile up.
  async #refreshNames(): Promise<void> {
    if (this.#lookingUp) return
    this.#lookingUp = true
    const named = this.#options.upstreams.filter(upstream => literalPlace(upstream) === null)
    await Promise.all(named.map(upstream => this.#refresh(upstream)))
    this.#lookingUp = false
  }

  async #refresh(config: UpstreamConfig): Promise<void> {
    const literal = literalPlace(config)
    const found = literal === null ? await lookUp(config) : [literal]
    if (this.#stopped) return
    const before = this.#places.get(config) ?? []
    if (typeof found === 'string') {
      // The last good answer is kept; without one, the name itself is what is down.
      if (before.length === 0) this.#nameIsUnknown(config, found)
      return
    }
    const after = found.map(place => before.find(known => sameEndpoint(known, place)) ?? this.#add(place))
    this.#places.set(config, after)
    for (const gone of before) if (!after.includes(gone)) this.#remove(gone)
    this.update()
  }

  // Stands in for the addresses until the name is known.
  #nameIsUnknown(config: UpstreamConfig, code: string): void {
    const upstream = this.#add({ name: config.name, endpoint: null })
    this.#places.set(config, [upstream])
    const host = config.address.kind === 'tcp' ? config.address.host : config.name
    upstream.refused(`${code} ${host}: the name is not known`)
    this.update()
  }

  #add(place: Place): Upstream {
    const upstream = new Upstream(place.name, place.endpoint, this.#options.events)
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

function sameEndpoint(upstream: Upstream, place: Place): boolean {
  return JSON.stringify(upstream.endpoint) === JSON.stringify(place.endpoint)
}
