// Several data planes, each in a thread of its own, directed as one: they are started, listen together, are drained,
// looked at and ended. What they send goes to the house's desk and its observer. A plane that dies takes the process
// with it, as an uncaught error in the one thread would.

import { stat } from 'node:fs'
import type { ZoneMemories } from '../access/limits.ts'
import type { Shown } from '../admin/admin.ts'
import type { Address, Config } from '../config/config.ts'
import { nobodyListensOn } from '../kernel/listeners.ts'
import { listen } from '../listen/listener.ts'
import type { Observer } from '../observe/observer.ts'
import type { StoreUsage } from '../spool/store.ts'
import type { Vitals } from '../vitals.ts'
import type { Desks } from './desks.ts'
import type { Prepared } from './entrances.ts'
import type { Listening, Report, ToPlane } from './messages.ts'
import { Reports } from './reports.ts'
import { type Heard, Thread } from './thread.ts'

/** How long the others may take to hand over their last lines when one has died, in milliseconds. */
const LAST_LINES_MS = 250
/** How often the planes are told of the app's processes, in milliseconds. */
const FOLLOW_EVERY_MS = 1_000

export interface ThreadsOptions {
  readonly config: Config
  /** How many. */
  readonly planes: number
  readonly desks: Desks
  readonly vitals: Vitals | null
  readonly zones: ZoneMemories
  /** The memory of the keys that all planes seal TLS tickets with; null: there is no TLS. */
  readonly tickets: SharedArrayBuffer | null
  readonly observer: Observer
  readonly version: string
  warn(message: string): void
}

export class Threads {
  readonly #options: ThreadsOptions
  readonly #threads: Thread[] = []
  readonly #reports = new Reports(this.#threads)
  #followed: { readonly port: number; readonly pids: () => readonly number[] } | null = null
  #followedAt = 0

  constructor(options: ThreadsOptions) {
    this.#options = options
    enlargeThreadPool(options.planes)
  }

  /** To every plane. */
  broadcast(message: ToPlane): void {
    for (const { outbox } of this.#threads) outbox.put(message)
  }

  /**
   * Starts the threads and has all of them listen. Rejects with an Error for people.
   */
  async listen(addresses: readonly Address[]): Promise<readonly Listening[]> {
    const { config, planes, desks, vitals, zones, tickets, version } = this.#options
    if (process.platform !== 'linux') {
      throw new Error(
        '--cores above 1 needs Linux, whose kernel spreads connections over threads (SO_REUSEPORT)',
      )
    }
    const groups = desks.openings()
    const beginning = { config, groups, vitals: vitals?.memory ?? null, planes, zones, tickets, version }
    const events = { said: this.#hear, paused: this.#settle, died: this.#died }
    for (let i = 0; i < planes; i++) {
      const thread = new Thread({ ...beginning, first: i === 0 }, events)
      for (const introduction of desks.introductions()) thread.outbox.put(introduction)
      this.#threads.push(thread)
    }
    // Loaded first, so that a port that was found free is taken a moment later.
    await Promise.all(this.#threads.map(thread => thread.call({ what: 'flush' })))
    await Promise.all(addresses.map(mustBeFree))
    const [first, ...others] = this.#threads
    const listening = await first!.call<Listening[]>({ what: 'listen', addresses })
    const bound = listening.map(({ address }) => address)
    await Promise.all(others.map(thread => thread.call({ what: 'listen', addresses: bound })))
    return listening
  }

  // — what they say

  readonly #hear = (thread: Thread, message: Heard): void => {
    const { desks, observer, warn } = this.#options
    switch (message.kind) {
      case 'requests':
        observer.relay.requests(message.text)
        break
      case 'line':
        observer.relay.line(message.text)
        break
      case 'health':
        observer.relay.health(message.path, message.answer, message.text)
        break
      case 'counted':
        observer.relay.counted(thread, message.counts)
        break
      case 'warning':
        warn(message.message)
        break
      case 'lost':
        observer.workerEnded(message.lost)
        break
      case 'listener':
        observer.listener(message.upstream, message.there)
        break
      default:
        desks.hear(message, thread.waiting, reply => thread.outbox.put(reply))
    }
  }

  /** The coarse clock's beat, and the end of each turn with messages. */
  readonly #settle = (): void => {
    const { desks, observer } = this.#options
    desks.settle(observer.watching)
  }

  tick(): void {
    this.#settle()
    this.#tellWorkers()
  }

  /** From here on every plane knows the processes behind this port, so that it can tell which has a request. */
  follow(port: number, pids: () => readonly number[]): void {
    this.#followed = { port, pids }
  }

  #tellWorkers(): void {
    if (this.#followed === null) return
    const at = performance.now()
    if (at - this.#followedAt < FOLLOW_EVERY_MS) return
    this.#followedAt = at
    const { port, pids } = this.#followed
    this.broadcast({ kind: 'workers', port, pids: pids() })
  }

  // Thrown on when the others have handed over their lines: uncaught here as it was there, with the stack of where it
  // was. What is under way is lost, as it would be in the one thread.
  readonly #died = (dead: Thread, error: Error): void => {
    const others = this.#threads.filter(thread => thread !== dead)
    const lines = others.map(thread => thread.call({ what: 'flush' }))
    const late = new Promise(resolve => setTimeout(resolve, LAST_LINES_MS))
    void Promise.race([Promise.all(lines), late]).then(() => {
      throw error
    })
  }

  // — for those who look

  shown({ overview }: Observer): Shown {
    const observed = async () => (await this.#look()).map(report => report.observed)
    return {
      metricsContentType: overview.metricsContentType,
      metrics: async () => overview.metrics(await observed()),
      status: async () => overview.status(await observed()),
      history: () => overview.history(),
      readiness: () => overview.readiness(),
    }
  }

  async #look(): Promise<readonly Report[]> {
    const reports = await this.#reports.look()
    this.#options.desks.showHolders(reports.flatMap(({ lanes }) => lanes))
    return reports
  }

  /** As of the last look. */
  counts(): Report['connections'] {
    return this.#reports.connections
  }

  /** As of the last look. */
  spoolUsage(): StoreUsage {
    return this.#reports.spools
  }

  // — reload and end

  /** As `Plane.prepare`, of all of them: where one cannot, none does. */
  async prepare(config: Config, zones: ZoneMemories): Promise<Prepared> {
    const tell = async (what: 'commit' | 'abandon'): Promise<void> => {
      await Promise.allSettled(this.#threads.map(thread => thread.call({ what })))
    }
    const tries = this.#threads.map(thread => thread.call({ what: 'prepare', config, zones }))
    const failed = (await Promise.allSettled(tries)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') {
      void tell('abandon')
      throw failed.reason
    }
    return { commit: () => tell('commit'), abandon: () => void tell('abandon') }
  }

  drain(reason: string, timeout: number): { active: Promise<number>; ended: Promise<number> } {
    const drains = this.#threads.map(thread => thread.drain(reason, timeout))
    const active = Promise.all(drains.map(each => each.active)).then(total)
    return { active, ended: Promise.all(drains.map(each => each.ended)).then(total) }
  }

  reopenLogs(): void {
    for (const thread of this.#threads) thread.call({ what: 'reopen' }).catch(() => {})
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.stop()))
  }
}

/**
 * libuv's threads for files and names serve all planes, and each may have as many at work as a single one
 * (spool/folder.ts). The size is read from the environment at the first use, which is here; children need not see it.
 */
function enlargeThreadPool(planes: number): void {
  if (process.env.UV_THREADPOOL_SIZE !== undefined) return
  process.env.UV_THREADPOOL_SIZE = String(3 * planes + 1)
  stat('/', () => {})
  delete process.env.UV_THREADPOOL_SIZE
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/**
 * A listener that shares its port joins any other that does, of this user: a proxy that is started twice would serve half
 * the clients each. One that does not share finds out, and is closed again; not where the kernel's table tells that there is
 * nobody, as whoever connects to it in between is dropped.
 */
async function mustBeFree(address: Address): Promise<void> {
  if (address.kind === 'unix' || address.port === 0 || nobodyListensOn(address.port) === true) return
  const listener = await listen(address, null, ({ raw }) => raw.destroy())
  listener.close()
}
