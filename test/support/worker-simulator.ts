// Simulated time: clients in front of a queue, the slots that a finder allows, and an upstream of blocking workers
// (or of processes with threads, each with a queue of its own) behind a listener. Deterministic.

import type { FinderOptions } from '../../src/admit/slot-belief.ts'
import { SlotFinder } from '../../src/admit/slot-finder.ts'

export interface Simulation {
  /** Work of one request, in milliseconds. */
  work(): number
  random(): number
  /** Workers; Infinity for an upstream that takes all at once. */
  workers: number
  /** The kernel shows who has not been accepted; `threads`: the upstream accepts all at once. */
  kernel?: 'none' | 'exact' | 'threads'
  /** Processes that accept for their own threads only, at random; `workers` are divided among them. */
  processes?: number
  /** Clients that ask again as soon as they are answered. */
  clients: number
  /** The share of requests that may not be sent again. */
  posts?: number
  finder?: Partial<FinderOptions>
  /** What the finder believes at first. */
  least?: number
  /** The number is known, and nothing is looked for. */
  known?: boolean
}

interface Request {
  lane: number
  process: number
  resendable: boolean
}

export class WorkerSimulator {
  now = 0
  answered = 0
  workers: number
  /** Every change of the number, with when. */
  readonly history: { at: number; limit: number; evidence: string }[] = []
  readonly finder: SlotFinder
  readonly #options: Simulation
  readonly #events: { at: number; order: number; run: () => void }[] = []
  #order = 0
  readonly #queue: Request[] = []
  readonly #lanes: boolean[] = []
  #busy = 0
  readonly #waiting: Request[][] = []
  readonly #working: number[] = []
  constructor(options: Simulation) {
    this.#options = options
    this.workers = options.workers
    for (let i = 0; i < (options.processes ?? 1); i++) {
      this.#waiting.push([])
      this.#working.push(0)
    }
    const finder: FinderOptions = {
      least: options.known === true ? options.workers : (options.least ?? 1),
      from: null,
      kernel: (options.kernel ?? 'none') !== 'none',
      busy: () => this.#busy,
      waiting: () => this.#queue.length > 0,
      changed: () => this.#dispatch(),
      found: () =>
        this.history.push({ at: this.now, limit: this.finder.limit, evidence: this.finder.evidence }),
    }
    // What is given may be a getter.
    this.finder = new SlotFinder(
      Object.defineProperties(finder, Object.getOwnPropertyDescriptors(options.finder ?? {})),
    )
    for (let i = 0; i < options.clients; i++) this.#at(i * 0.1, () => this.#arrive())
    if (options.known === true) return
    this.#tick()
    if ((options.kernel ?? 'none') !== 'none') this.#read()
  }

  run(until: number): this {
    for (;;) {
      let best = -1
      for (let i = 0; i < this.#events.length; i++) {
        const event = this.#events[i]!
        const least = best === -1 ? null : this.#events[best]!
        if (least === null || event.at < least.at || (event.at === least.at && event.order < least.order))
          best = i
      }
      const event = this.#events[best]
      if (event === undefined || event.at > until) break
      this.#events.splice(best, 1)
      this.now = event.at
      event.run()
    }
    this.now = until
    return this
  }

  setWorkers(workers: number): void {
    this.workers = workers
    this.#begin(0)
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, order: this.#order++, run })
  }

  #tick(): void {
    this.finder.tick(this.now)
    this.#at(this.now + 100, () => this.#tick())
  }

  #read(): void {
    if (this.finder.wantsReading(this.now)) {
      const queued = this.#options.kernel === 'exact' ? this.#waiting[0]!.length : 0
      this.finder.read(this.#busy, queued, this.now)
      this.finder.tick(this.now)
    }
    this.#at(this.now + 5, () => this.#read())
  }

  #arrive(): void {
    const resendable = this.#options.random() >= (this.#options.posts ?? 0)
    this.#queue.push({ lane: -1, process: 0, resendable })
    this.#dispatch()
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#queue[0]
      if (next === undefined) return
      const room = next.resendable ? this.finder.forResendable : this.finder.forAny
      if (this.#busy >= room) return
      this.#queue.shift()
      this.#busy++
      let lane = this.#lanes.indexOf(false)
      if (lane === -1) lane = this.#lanes.length
      this.#lanes[lane] = true
      next.lane = lane
      next.process = Math.floor(this.#options.random() * (this.#options.processes ?? 1))
      this.finder.granted(lane, 'r', this.now)
      this.#waiting[next.process]!.push(next)
      this.#begin(next.process)
    }
  }

  #begin(process: number): void {
    const share = this.workers / (this.#options.processes ?? 1)
    while (this.#working[process]! < share) {
      const next = this.#waiting[process]!.shift()
      if (next === undefined) return
      this.#working[process]!++
      this.#at(this.now + this.#options.work(), () => {
        this.#working[process]!--
        this.#begin(process)
        this.#lanes[next.lane] = false
        this.#busy--
        this.answered++
        if (this.#options.known !== true) this.finder.ended(next.lane, true, this.now)
        this.#dispatch()
        this.#at(this.now + this.#options.random(), () => this.#arrive())
      })
    }
  }
}
