// The app's life: started, started again when it dies, and ended; and who is told of it. Each of its runs is a `Run`, which
// owns the processes. Knows no request. It is over once, and then for good.

import { backoff } from './backoff.ts'
import type { Ending } from './child.ts'
import { pause, somebodyListens } from './readiness.ts'
import { Run, type RunEvents, type RunOptions } from './run.ts'
import { WorkerCount } from './worker-count.ts'
import { readWorkerLine, type WorkerEvent } from './worker-lines.ts'

export interface SupervisorOptions extends RunOptions {
  readonly restart: 'on-failure' | 'never'
}

export interface AppEnded extends Ending {
  readonly kind: 'app ended'
}

/** Who is told what becomes of the app. */
export interface Watcher {
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
  /** Its own log said something of a worker; or it ended, as a whole and by itself. */
  workerEvent?(event: WorkerEvent | AppEnded): void
  /** Its workers can take so many requests at once. */
  workerSlots?(slots: number): void
}

/** How long before the end of its time the app is told to end, in milliseconds. */
const LAST_MS = 1_000

export class Supervisor {
  /** Settles when it is ready for the first time; never, if it never is. */
  readonly ready: Promise<void>
  /** Settles when it has ended for good. */
  readonly ended: Promise<Ending>
  readonly #options: SupervisorOptions
  readonly #ready = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Ending>()
  readonly #stop = new AbortController()
  readonly #count: WorkerCount
  #watcher: Watcher | null = null
  /** What is to be said, and told, as soon as somebody listens. */
  #readyFields: object | null = null
  #slots: number | null = null
  /** Null: none is under way. */
  #run: Run | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#count = new WorkerCount(options.command, options.env, slots => {
      this.#slots = slots
      this.#watcher?.workerSlots?.(slots)
    })
    this.ready = this.#ready.promise
    this.ended = this.#ended.promise
    this.#live().then(this.#ended.resolve, this.#ended.reject)
  }

  /** From here on somebody is told. */
  attach(watcher: Watcher): void {
    this.#watcher = watcher
    if (this.#readyFields !== null) watcher.log.info(this.#readyFields, 'app ready')
    if (this.#slots !== null) watcher.workerSlots?.(this.#slots)
  }

  /** The processes that may serve requests, its master among them; none where they cannot be seen. */
  workers(): readonly number[] {
    return this.#run?.workers() ?? []
  }

  /** Hands a signal to the server, past whatever has started it. */
  async signal(name: 'SIGHUP' | 'SIGUSR2'): Promise<void> {
    const passedOn = (await this.#run?.signal(name)) ?? false
    if (passedOn) return
    this.#watcher?.log.warn({ signal: name }, 'the app does not listen yet: the signal is not passed on')
  }

  /**
   * Ends it: TERM when `drained` settles, or shortly before the time is up, so that a server which finishes what it has
   * still does; KILL when the time is up.
   * @param withinMs all the time there is, in milliseconds
   */
  stop(drained: Promise<unknown>, withinMs: number): Promise<Ending> {
    if (this.#stop.signal.aborted) return this.ended
    this.#stop.abort()
    const terminate = () => void this.#run?.terminate()
    const early = Math.min(LAST_MS, withinMs / 10)
    const timers = [setTimeout(terminate, withinMs - early), setTimeout(() => this.kill(), withinMs)]
    drained.then(terminate, terminate)
    return this.ended.finally(() => timers.forEach(clearTimeout))
  }

  /** Ends it at once. */
  kill(): void {
    this.#stop.abort()
    this.#run?.signalAll('SIGKILL')
  }

  async #live(): Promise<Ending> {
    const { upstreams, restart } = this.#options
    const taken = await somebodyListens(upstreams)
    if (taken !== null) return { status: 1, words: `somebody else listens at ${taken.name} already` }
    const atExit = () => this.#run?.signalAll('SIGTERM')
    process.once('exit', atExit)
    const pauses = backoff()
    const events = this.#events()
    let wasReady = false
    try {
      for (;;) {
        // A name server may have taken its time: whoever was to end it found nothing to end.
        if (this.#stop.signal.aborted) return { status: 143, words: 'it was not started any more' }
        const run = (this.#run = new Run(this.#options, this.#stop.signal, events))
        const ending = await run.ended
        this.#run = null
        wasReady ||= run.readyAt !== 0
        const last = restart === 'never' || ending.status === 0 || !wasReady
        if (last || this.#stop.signal.aborted) return ending
        const wait = pauses.pauseAfter(run.readyAt === 0 ? 0 : performance.now() - run.readyAt)
        this.#watcher?.log.warn(
          { detail: ending.words, status: ending.status, restart_in_ms: wait },
          'app ended',
        )
        await pause(wait, this.#stop.signal)
        if (this.#stop.signal.aborted) return ending
      }
    } finally {
      process.off('exit', atExit)
      await Promise.all([this.#options.stdout.flushed(), this.#options.stderr.flushed()])
    }
  }

  #events(): RunEvents {
    return {
      ready: (pid, afterMs) => {
        this.#readyFields = { pid, after_ms: afterMs }
        this.#watcher?.log.info(this.#readyFields, 'app ready')
        this.#ready.resolve()
      },
      line: text => this.#line(text),
      workers: count => this.#count.look(count),
      ended: ending => this.#watcher?.workerEvent?.({ kind: 'app ended', ...ending }),
      replaced: pid => this.#watcher?.log.info({ pid }, 'app replaced'),
    }
  }

  #line(text: string): void {
    const event = readWorkerLine(text)
    if (event === null) return
    if (event.kind === 'class') this.#count.isOfClass(event.name)
    this.#watcher?.workerEvent?.(event)
  }
}
