// One data plane's thread, seen from the house: started, called and answered, heard, ended. What it runs is entry.ts;
// what it says, other than answers, is for others to judge.

import { Worker } from 'node:worker_threads'
import type { Config } from '../config/config.ts'
import { packageFile } from '../package-files.ts'
import type { Waiting } from './desk.ts'
import type { Beginning, Call, Report, ToHouse, ToPlane } from './messages.ts'
import { Outbox } from './outbox.ts'

/** How long a thread may take to end once it has been told to, in milliseconds; then it is ended. */
const LAST_WORDS_MS = 2_000

export type Heard = Exclude<ToHouse, { kind: 'reply' | 'failed' | 'drained' }>

export interface ThreadEvents {
  said(thread: Thread, message: Heard): void
  /** All that came in one piece has been heard. */
  paused(): void
  /** It has ended, and nobody told it to. */
  died(thread: Thread, error: Error): void
}

export class Thread {
  readonly outbox: Outbox<ToPlane>
  /** Its requests that wait in the house. */
  readonly waiting: Waiting = new Map()
  /** Its last report. */
  last: Report | null = null
  readonly #worker: Worker
  readonly #events: ThreadEvents
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #drained = Promise.withResolvers<number>()
  readonly #exited = Promise.withResolvers<void>()
  #lastCall = 0
  #stopping = false

  constructor(beginning: Beginning & { config: Config }, events: ThreadEvents) {
    this.#events = events
    this.#worker = new Worker(packageFile('planes/entry.ts'), { workerData: beginning })
    this.outbox = new Outbox(this.#worker)
    this.#worker.on('message', (messages: readonly ToHouse[]) => {
      for (const message of messages) this.#hear(message)
      events.paused()
    })
    this.#worker.on('error', error => this.#died(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', status => {
      this.#exited.resolve()
      this.#died(new Error(`a data plane's thread has ended by itself (${status})`))
    })
  }

  #hear(message: ToHouse): void {
    if (message.kind === 'reply') this.#take(message.call)?.resolve(message.value)
    else if (message.kind === 'failed') this.#take(message.call)?.reject(new Error(message.message))
    else if (message.kind === 'drained') this.#drained.resolve(message.cut)
    else this.#events.said(this, message)
  }

  #died(error: Error): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#events.died(this, error)
  }

  /** Settles with the plane's answer, or rejects with its failure. */
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

  async report(): Promise<void> {
    this.last = await this.call<Report>({ what: 'report' })
  }

  /** As `Plane.drain`. */
  drain(reason: string, timeout: number): { active: Promise<number>; ended: Promise<number> } {
    // One that does not even say so is cut like what it serves.
    setTimeout(() => this.#drained.resolve(1), timeout + LAST_WORDS_MS).unref()
    const active = this.call<number>({ what: 'drain', reason, timeout })
    return { active, ended: this.#drained.promise }
  }

  /** Has it cut everything and end. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.call({ what: 'stop' }).catch(() => {})
    const enough = setTimeout(() => void this.#worker.terminate(), LAST_WORDS_MS)
    await this.#exited.promise
    clearTimeout(enough)
  }
}
