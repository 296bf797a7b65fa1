// Queues on simulated time: so many workers, requests that arrive by a list, clients that leave when their patience has
// passed, and a discipline that says who is next. The same list for every discipline, so that they are compared request
// by request. No real time passes, and nothing is random but by a seed.

import { type Entry, Policy } from '../../src/admit/policy.ts'
import type { Random } from './random.ts'

export interface Arrival {
  readonly at: number
  readonly client: string
  readonly route: string
  /** Milliseconds a worker needs for it. */
  readonly service: number
  /** Milliseconds after which its client leaves. */
  readonly patience: number
  readonly health?: boolean
}

export interface Job extends Entry {
  readonly arrival: Arrival
  startedAt: number
  /** How it ended; null while it has not. */
  end: 'answered' | 'left' | 'shed' | 'refused' | null
  endedAt: number
}

/** What a discipline must answer; it is told of everything that happens. */
export interface Discipline {
  arrives(job: Job, free: boolean, at: number): void
  /** Takes out who is next. */
  take(at: number): Job | null
  leaves(job: Job, at: number): void
  done?(job: Job, at: number): void
  abandoned?(job: Job, at: number): void
  tick?(at: number): void
}

export interface Run {
  readonly workers: number
  readonly arrivals: readonly Arrival[]
  readonly queueTimeout?: number
  readonly tick?: number
  /** Nothing is started before: a hold. */
  readonly openAt?: number
}

interface Happening {
  readonly at: number
  readonly order: number
  happen(): void
}

/** Plays the arrivals to their end and returns them as they ended, in the order they came. */
export function simulate(run: Run, discipline: Discipline): Job[] {
  const { workers, arrivals, queueTimeout = 30_000, tick = 100, openAt = 0 } = run
  const ahead = new Calendar()
  let free = openAt > 0 ? 0 : workers
  let at = 0
  const jobs = arrivals.map(arrival => jobOf(arrival))
  const end = (job: Job, how: Job['end']): void => {
    if (job.end !== null) return
    job.end = how
    job.endedAt = at
  }
  const start = (job: Job): void => {
    free--
    job.startedAt = at
    ahead.set(at + job.arrival.service, () => {
      free++
      if (job.end === null) {
        end(job, 'answered')
        discipline.done?.(job, at)
      }
      dispatch()
    })
  }
  const dispatch = (): void => {
    while (free > 0) {
      const job = discipline.take(at)
      if (job === null) return
      start(job)
    }
  }
  for (const job of jobs) {
    ahead.set(job.arrival.at, () => {
      discipline.arrives(job, free > 0, at)
      dispatch()
    })
    ahead.set(job.arrival.at + Math.min(job.arrival.patience, queueTimeout), () => {
      if (job.end !== null) return
      const waits = job.startedAt === -1
      if (!waits && job.arrival.patience > queueTimeout) {
        ahead.set(job.arrival.at + job.arrival.patience, () => leave(job, false))
        return
      }
      leave(job, waits)
    })
  }
  const leave = (job: Job, waits: boolean): void => {
    if (job.end !== null) return
    end(job, 'left')
    if (waits) discipline.leaves(job, at)
    else discipline.abandoned?.(job, at)
  }
  if (openAt > 0) {
    ahead.set(openAt, () => {
      free = workers
      dispatch()
    })
  }
  const beat = (): void => {
    discipline.tick?.(at)
    if (!ahead.empty) ahead.set(at + tick, beat)
  }
  ahead.set(tick, beat)
  for (let next = ahead.take(); next !== null; next = ahead.take()) {
    at = next.at
    next.happen()
  }
  return jobs
}

export function jobOf(arrival: Arrival): Job {
  return {
    arrival,
    client: arrival.client,
    route: arrival.route,
    since: arrival.at,
    answerBy: 0,
    startedAt: -1,
    end: null,
    endedAt: 0,
    previous: null,
    next: null,
    queue: null,
    older: null,
    newer: null,
    turn: null,
  }
}

/** First in, first out, or last in, first out: what there is to compare with. */
export class Plain implements Discipline {
  readonly #jobs: Job[] = []
  readonly #newestFirst: boolean
  readonly #size: number

  constructor(newestFirst: boolean, size = 1024) {
    this.#newestFirst = newestFirst
    this.#size = size
  }

  arrives(job: Job): void {
    if (this.#jobs.length >= this.#size) job.end = 'refused'
    else this.#jobs.push(job)
  }

  take(): Job | null {
    return (this.#newestFirst ? this.#jobs.pop() : this.#jobs.shift()) ?? null
  }

  leaves(job: Job): void {
    const at = this.#jobs.indexOf(job)
    if (at !== -1) this.#jobs.splice(at, 1)
  }
}

/** The policy, used as the admission uses it. */
export class Chosen implements Discipline {
  readonly policy = new Policy()
  /** Every change of the order: when, and to which. */
  readonly turns: string[] = []
  readonly #size: number

  constructor(size = 1024) {
    this.#size = size
  }

  arrives(job: Job, free: boolean, at: number): void {
    const { policy } = this
    policy.asked(!free, at)
    const health = job.arrival.health === true && !policy.healthCheckWaits
    if (!health && policy.length >= this.#size) {
      const oldest = policy.makeRoom() as Job | null
      if (oldest === null) {
        job.end = 'refused'
        policy.gone(0, job.route, false, at)
        return
      }
      this.#shed(oldest, at)
    }
    policy.add(job, health ? 'health' : 'line')
  }

  take(at: number): Job | null {
    const job = this.policy.next(at) as Job | null
    if (job !== null) this.policy.started(job, at)
    this.#tell(at)
    return job
  }

  leaves(job: Job, at: number): void {
    this.policy.remove(job)
    this.policy.gone(at - job.since, job.route, true, at)
  }

  done(job: Job, at: number): void {
    this.policy.answered(at - job.since, at - job.startedAt, job.route, at)
  }

  abandoned(job: Job, at: number): void {
    this.policy.abandoned(at - job.since, job.startedAt - job.since, job.route, at)
  }

  tick(at: number): void {
    const before = this.policy.order
    this.policy.tick(at)
    if (this.policy.order !== before) this.turns.push(`${at}: ${this.policy.order}`)
    this.#tell(at)
  }

  #tell(at: number): void {
    for (let job = this.policy.shed(at); job !== null; job = this.policy.shed(at)) this.#shed(job as Job, at)
  }

  #shed(job: Job, at: number): void {
    job.end = 'shed'
    job.endedAt = at
    this.policy.gone(at - job.since, job.route, false, at)
  }
}

/** What happens when, in order; what was set first goes first among equals. */
class Calendar {
  readonly #heap: Happening[] = []
  #order = 0

  set(at: number, happen: () => void): void {
    const heap = this.#heap
    let place = heap.length
    const one = { at, order: this.#order++, happen }
    heap.push(one)
    while (place > 0) {
      const up = (place - 1) >> 1
      if (!earlier(one, heap[up]!)) break
      heap[place] = heap[up]!
      place = up
    }
    heap[place] = one
  }

  get empty(): boolean {
    return this.#heap.length === 0
  }

  take(): Happening | null {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) return null
    if (heap.length === 0) return first
    let place = 0
    for (;;) {
      let down = 2 * place + 1
      if (down + 1 < heap.length && earlier(heap[down + 1]!, heap[down]!)) down++
      if (down >= heap.length || !earlier(heap[down]!, last)) break
      heap[place] = heap[down]!
      place = down
    }
    heap[place] = last
    return first
  }
}

function earlier(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

// — patterns of arrivals

/** From 0 up to, not including, 1. */
export function uniform(random: Random): number {
  return random.below(0x1000000) / 0x1000000
}

/** Exponentially distributed with this mean. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - uniform(random))
}

/** Moments at which requests come at `rate(at)` a second, by thinning a Poisson process of the highest rate. */
export function poisson(
  random: Random,
  seconds: number,
  highest: number,
  rate: (at: number) => number,
): number[] {
  const moments: number[] = []
  for (let at = 0; ; ) {
    at += exponential(random, 1000 / highest)
    if (at >= seconds * 1000) return moments
    if (uniform(random) * highest < rate(at)) moments.push(at)
  }
}
