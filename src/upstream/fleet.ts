// All upstreams: their outlook together, and what is due for them now and then. Where they are is `whereabouts.ts`'s to
// find out. It grants nothing itself; those that are down are asked by `prober.ts`.

import { now } from '../clock.ts'
import type { Place } from './names.ts'
import { Prober, type ProberOptions } from './prober.ts'
import { type Askers, type Membership, Upstream, type UpstreamEvents } from './upstream.ts'
import { type Names, Whereabouts, type WhereaboutsOptions } from './whereabouts.ts'

export interface FleetOptions extends ProberOptions, WhereaboutsOptions {
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

export class Fleet {
  readonly all: Upstream[] = []
  readonly #options: FleetOptions
  readonly #prober: Prober
  readonly #whereabouts: Whereabouts
  #outlook: Outlook = 'open'
  #askingAgain = false
  #stopped = false

  constructor(options: FleetOptions) {
    this.#options = options
    this.#prober = new Prober(options)
    this.#whereabouts = new Whereabouts(options, {
      add: (place, membership) => this.#add(place, membership),
      remove: upstream => this.#remove(upstream),
      changed: more => {
        this.update()
        if (more && options.isAwaited()) options.dispatch()
      },
    })
  }

  /**
   * Finds the first addresses; a name that is not known yet begins as one that is down, or where it led before.
   * @param bound settles when this process listens itself, and is to be seen to
   */
  async start(bound?: Promise<unknown>): Promise<void> {
    await this.#whereabouts.start()
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
    this.#whereabouts.stop()
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
    void this.#whereabouts.tick(at)
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
    this.#whereabouts.refresh()
  }

  /** Where nothing is known so far, it is asked for again at once, and requests wait for what comes of it. */
  askAgain(): void {
    if (this.#askingAgain || this.all.length === 0 || !this.#isUnknown) return
    this.#askingAgain = true
    this.update()
    void this.#whereabouts.lookUpAll().then(() => {
      this.#askingAgain = false
      if (!this.#stopped) this.update()
    })
  }

  /** Where names lead, as far as is known. */
  get names(): Names {
    return this.#whereabouts.names
  }

  /** Asks a worker by a whole request: whether anything of its protocol came back; null when none was free to be asked. */
  asksWorker(): Promise<boolean | null> {
    return this.#prober.asksWorker(this.all)
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
