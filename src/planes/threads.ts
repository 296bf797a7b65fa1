// Several data planes, each in a thread of its own, directed as one: they are started, listen together, are drained,
// looked at and ended. What they send goes to the house's desk and its observer. A plane that dies takes the process
// with it, as an uncaught error in the one thread would.

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Shown } from '../admin/admin.ts'
import type { Address, Config } from '../config/config.ts'
import { listen } from '../listen/listener.ts'
import type { Observer } from '../observe/observer.ts'
import type { StoreUsage } from '../spool/store.ts'
import type { Desk, Waiting } from './desk.ts'
import type { Beginning, Call, Listening, Report, ToHouse, ToPlane } from './messages.ts'
import { Outbox } from './outbox.ts'

/** How long a thread may take to end once it has been told to, in milliseconds; then it is ended. */
const LAST_WORDS_MS = 2_000
/** How long a look waits for a plane that is busy; the others are shown without it. */
const LOOK_MS = 1_000

/** How often the planes are told of the app's processes, in milliseconds. */
const FOLLOW_EVERY_MS = 1_000

export interface ThreadsOptions {
  readonly config: Config
  /** How many. */
  readonly planes: number
  readonly desk: Desk
  readonly observer: Observer
  readonly version: string
  warn(message: string): void
}

class Thread {
  readonly outbox: Outbox<ToPlane>
  readonly waiting: Waiting = new Map()
  /** Settles when all under way in it has ended, with how many were cut. */
  readonly drained = Promise.withResolvers<number>()
  readonly #worker: Worker
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #exited: Promise<void>
  #lastCall = 0
  #stopping = false

  constructor(
    beginning: Beginning & { config: Config },
    hear: (thread: Thread, message: ToHouse) => void,
    turn: () => void,
  ) {
    // The sources run as they are, the package as it was built: the name's end is this file's own.
    const entry = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url)
    this.#worker = new Worker(entry, { workerData: beginning })
    this.outbox = new Outbox(this.#worker)
    const exited = Promise.withResolvers<void>()
    this.#exited = exited.promise
    this.#worker.on('message', (messages: readonly ToHouse[]) => {
      for (const message of messages) {
        if (message.kind === 'reply') this.#take(message.call)?.resolve(message.value)
        else if (message.kind === 'failed') this.#take(message.call)?.reject(new Error(message.message))
        else if (message.kind === 'drained') this.drained.resolve(message.cut)
        else hear(this, message)
      }
      turn()
    })
    // Thrown on: uncaught here as it was there, with the stack of where it was.
    this.#worker.on('error', error => {
      throw error
    })
    this.#worker.on('exit', status => {
      exited.resolve()
      if (!this.#stopping) throw new Error(`a data plane's thread has ended by itself (${status})`)
    })
  }

  call<Reply>(asked: Call): Promise<Reply> {
    const call = ++this.#lastCall
    const reply = Promise.withResolvers<unknown>()
    this.#calls.set(call, reply)
    this.outbox.put({ kind: 'call', call, ...asked })
    return reply.promise as Promise<Reply>
  }

  #take(call: number): PromiseWithResolvers<unknown> | undefined {
    const reply = this.#calls.get(call)
    this.#calls.delete(call)
    return reply
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.call({ what: 'stop' }).catch(() => {})
    const enough = setTimeout(() => void this.#worker.terminate(), LAST_WORDS_MS)
    await this.#exited
    clearTimeout(enough)
  }
}

export class Threads {
  readonly #options: ThreadsOptions
  readonly #threads: Thread[] = []
  #reports: readonly Report[] = []
  #followed: { readonly port: number; readonly pids: () => readonly number[] } | null = null
  #followedAt = 0

  constructor(options: ThreadsOptions) {
    this.#options = options
  }

  /** To every plane. */
  broadcast(message: ToPlane): void {
    for (const { outbox } of this.#threads) outbox.put(message)
  }

  /**
   * Starts the threads and has all of them listen. Rejects with an Error for people.
   */
  async listen(addresses: readonly Address[]): Promise<readonly Listening[]> {
    const { config, planes, desk, version } = this.#options
    if (process.platform !== 'linux') {
      throw new Error(
        '--cores above 1 needs Linux, whose kernel spreads connections over threads (SO_REUSEPORT)',
      )
    }
    const beginning = { config, board: desk.board.memory, planes, version }
    for (let i = 0; i < planes; i++) {
      const thread = new Thread(beginning, this.#hear, this.#settle)
      for (const introduction of desk.introductions()) thread.outbox.put(introduction)
      this.#threads.push(thread)
    }
    const places = await Promise.all(addresses.map(reserve))
    // A Unix socket can have one listener only: the first thread serves it.
    const shared = places.filter(({ kind }) => kind === 'tcp')
    const [listening] = await Promise.all(
      this.#threads.map((thread, i) =>
        thread.call<Listening[]>({ what: 'listen', addresses: i === 0 ? places : shared }),
      ),
    )
    return listening!
  }

  // — what they say

  readonly #hear = (thread: Thread, message: ToHouse): void => {
    const { desk, observer, warn } = this.#options
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
      case 'drained':
      case 'reply':
      case 'failed':
        break
      default:
        desk.hear(message, thread.waiting, reply => thread.outbox.put(reply))
    }
  }

  /** The coarse clock's beat, and the end of each turn with messages. */
  readonly #settle = (): void => {
    const { desk, observer } = this.#options
    desk.settle()
    desk.board.watching = observer.watching
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

  // — for those who look

  shown(observer: Observer): Shown {
    const observed = async () => (await this.#look()).map(report => report.observed)
    return {
      metricsContentType: observer.metricsContentType,
      metrics: async () => observer.metrics(await observed()),
      status: async () => observer.status(await observed()),
      history: () => observer.history(),
      readiness: () => observer.readiness(),
    }
  }

  /** Asks every plane what it has counted; what the others are shown with. */
  async #look(): Promise<readonly Report[]> {
    const { desk } = this.#options
    const asked = this.#threads.map(thread => {
      const late = new Promise<null>(resolve => setTimeout(() => resolve(null), LOOK_MS).unref())
      return Promise.race([thread.call<Report>({ what: 'report' }), late])
    })
    this.#reports = (await Promise.all(asked)).filter(report => report !== null)
    desk.showHolders(this.#reports.flatMap(({ lanes }) => lanes))
    return this.#reports
  }

  /** As of the last look. */
  counts(): { idle: number; active: number; limit: number } {
    const sum = { idle: 0, active: 0, limit: 0 }
    for (const { connections } of this.#reports) add(sum, connections)
    return sum
  }

  /** As of the last look. */
  spoolUsage(): StoreUsage {
    const [first, ...others] = this.#reports
    const sum = { ...NOTHING_SPOOLED, ...first?.spools }
    for (const { spools } of others) add(sum, spools)
    return sum
  }

  // — reload and end

  async reload(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.call({ what: 'reload' })))
  }

  drain(reason: string, timeout: number): { active: Promise<number>; ended: Promise<number> } {
    const begun = this.#threads.map(thread => thread.call<number>({ what: 'drain', reason, timeout }))
    const ended = this.#threads.map(({ drained }) => {
      // One that does not even say so is cut like what it serves.
      setTimeout(() => drained.resolve(1), timeout + LAST_WORDS_MS).unref()
      return drained.promise
    })
    return { active: Promise.all(begun).then(total), ended: Promise.all(ended).then(total) }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.stop()))
  }
}

const NOTHING_SPOOLED: StoreUsage = {
  memory: 0,
  disk: 0,
  memoryLimit: 0,
  diskLimit: 0,
  requestMemory: 0,
  requestDisk: 0,
  open: 0,
  paced: 0,
  refused: 0,
  shed: 0,
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function add<Row extends object>(sum: Row, more: Row): void {
  const row = sum as Record<string, number>
  for (const [name, value] of Object.entries(more)) row[name] = (row[name] ?? 0) + value
}

/**
 * The place that the threads will share: a port that the system is to choose is chosen here, once, and one that another
 * process has, even one that would share it, is found to be taken. Nobody is served yet.
 */
async function reserve(address: Address): Promise<Address> {
  if (address.kind === 'unix') return address
  const listener = await listen(address, null, ({ raw }) => raw.destroy())
  listener.close()
  return listener.address
}
