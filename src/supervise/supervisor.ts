// The app's life: started, watched until it is ready, started again when it dies, and ended. Owns its processes from
// the first to the last; knows no request. It is over once, and then for good.

import { gunicornWords } from '../config/command.ts'
import type { UpstreamConfig } from '../config/config.ts'
import { allProcesses } from '../kernel/processes.ts'
import { backoff } from './backoff.ts'
import { type Child, type Ending, startChild } from './child.ts'
import { childEnvironment } from './child-environment.ts'
import type { Output } from './output.ts'
import { pause, type ReadinessOptions, somebodyListens, untilReady } from './readiness.ts'
import { awaitEnd, ServerProcess, tell } from './server-process.ts'
import { WorkerCount } from './worker-count.ts'
import { readWorkerLine, type WorkerEvent } from './worker-lines.ts'

export interface SupervisorOptions {
  readonly command: readonly string[]
  /** Where the app listens; the first one's port is its `$PORT`. */
  readonly upstreams: readonly UpstreamConfig[]
  readonly env: NodeJS.ProcessEnv
  /** Milliseconds. */
  readonly startTimeout: number
  readonly restart: 'on-failure' | 'never'
  /** A path to ask for, where it must be asked whether it is ready. */
  readonly path: string
  readonly answers: ReadinessOptions['answers']
  readonly stdout: Output
  readonly stderr: Output
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

/** What is left behind when the command has ended gets so long after TERM, in milliseconds, and KILL then. */
const LEFT_BEHIND_MS = 2_000
/** How long before the end of its time the app is told to end, and how much later than its server the rest of it. */
const LAST_MS = 1_000
const LOOK_EVERY_MS = 1_000
const GONE_EVERY_MS = 50

export class Supervisor {
  /** Settles when it is ready for the first time; never, if it never is. */
  readonly ready: Promise<void>
  /** Settles when it has ended for good. */
  readonly ended: Promise<Ending>
  readonly #options: SupervisorOptions
  readonly #env: NodeJS.ProcessEnv
  readonly #ready = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Ending>()
  readonly #stop = new AbortController()
  readonly #count: WorkerCount
  #watcher: Watcher | null = null
  /** What is to be said, and told, as soon as somebody listens. */
  #readyFields: object | null = null
  #slots: number | null = null
  #child: Child | null = null
  #server: ServerProcess | null = null
  #readyAt = 0
  #wasReady = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#env = childEnvironment(options.env, options.upstreams[0]!.address)
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
    return this.#server?.serving() ?? []
  }

  /** Hands a signal to the server, past whatever has started it. */
  async signal(name: 'SIGHUP' | 'SIGUSR2'): Promise<void> {
    const pid = (await this.#server?.pid()) ?? null
    if (pid !== null) tell(pid, name)
    // Where processes cannot be seen, the command itself has to be the server.
    else if (allProcesses() === null && this.#child !== null) tell(this.#child.pid, name)
    else this.#watcher?.log.warn({ signal: name }, 'the app does not listen yet: the signal is not passed on')
  }

  /**
   * Ends it: TERM when `drained` settles, or shortly before the time is up, so that a server which finishes what it has
   * still does; KILL when the time is up.
   * @param withinMs all the time there is, in milliseconds
   */
  stop(drained: Promise<unknown>, withinMs: number): Promise<Ending> {
    if (this.#stop.signal.aborted) return this.ended
    this.#stop.abort()
    const terminate = () => void this.#terminate()
    const early = Math.min(LAST_MS, withinMs / 10)
    const timers = [setTimeout(terminate, withinMs - early), setTimeout(() => this.kill(), withinMs)]
    drained.then(terminate, terminate)
    return this.ended.finally(() => timers.forEach(clearTimeout))
  }

  /** Ends it at once. */
  kill(): void {
    this.#stop.abort()
    this.#child?.signalAll('SIGKILL')
  }

  async #live(): Promise<Ending> {
    const { upstreams, restart } = this.#options
    const taken = await somebodyListens(upstreams)
    if (taken !== null) return { status: 1, words: `somebody else listens at ${taken.name} already` }
    const atExit = () => this.#child?.signalAll('SIGTERM')
    process.once('exit', atExit)
    const pauses = backoff()
    try {
      for (;;) {
        // A name server may have taken its time: whoever was to end it found nothing to end.
        if (this.#stop.signal.aborted) return { status: 143, words: 'it was not started any more' }
        const ending = await this.#run()
        const last = restart === 'never' || ending.status === 0 || !this.#wasReady
        if (last || this.#stop.signal.aborted) return ending
        const wait = pauses.pauseAfter(this.#readyAt === 0 ? 0 : performance.now() - this.#readyAt)
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

  /** One run, from its start until nothing is left of it. */
  async #run(): Promise<Ending> {
    const { command, stdout, stderr, startTimeout } = this.#options
    const startedAt = performance.now()
    const over = new AbortController()
    const line = (text: string) => this.#line(text)
    const child = startChild({ command, env: this.#env, stdout, stderr, line })
    this.#child = child
    const server = (this.#server = new ServerProcess(child.pid, this.#options.upstreams))
    this.#readyAt = 0
    let late = false
    const timer = setTimeout(() => {
      late = true
      over.abort()
      void this.#endAll(child)
    }, startTimeout)
    const watched = this.#untilReady(over.signal).then(async ready => {
      if (!ready || this.#stop.signal.aborted) return
      clearTimeout(timer)
      await this.#isReady(server, startedAt, over.signal)
    })
    let ending = await child.ended
    if (!this.#stop.signal.aborted) this.#watcher?.workerEvent?.({ kind: 'app ended', ...ending })
    if (ending.status === 0 && this.#readyAt !== 0) ending = (await this.#handedOver(server)) ?? ending
    clearTimeout(timer)
    over.abort()
    await watched
    await this.#endAll(child)
    this.#child = this.#server = null
    if (!late) return ending
    return { status: 1, words: `it was not ready within ${startTimeout / 1000} s` }
  }

  #untilReady(signal: AbortSignal): Promise<boolean> {
    const { upstreams, answers, path, startTimeout, command, env } = this.#options
    const ask = gunicornWords(command, env) !== null
    return untilReady({ upstreams, ask, answers, path, timeout: startTimeout, signal })
  }

  async #isReady(server: ServerProcess, startedAt: number, over: AbortSignal): Promise<void> {
    this.#readyAt = performance.now()
    this.#wasReady = true
    const pid = await server.pid()
    const after = Math.round(this.#readyAt - startedAt)
    this.#readyFields = { pid: pid ?? this.#child?.pid ?? null, after_ms: after }
    this.#watcher?.log.info(this.#readyFields, 'app ready')
    this.#ready.resolve()
    const looking = setInterval(() => this.#look(server), LOOK_EVERY_MS).unref()
    over.addEventListener('abort', () => clearInterval(looking))
    if (over.aborted) clearInterval(looking)
  }

  #look(server: ServerProcess): void {
    const workers = server.workers()
    if (workers !== null) this.#count.look(workers.length)
  }

  #line(text: string): void {
    const event = readWorkerLine(text)
    if (event === null) return
    if (event.kind === 'class') this.#count.isOfClass(event.name)
    this.#watcher?.workerEvent?.(event)
  }

  async #terminate(): Promise<void> {
    const child = this.#child
    if (child === null) return
    const pid = (await this.#server?.pid()) ?? null
    // The server alone, where it is seen: what has started it then ends with the server's own status. To all of the
    // group TERM does no harm: gunicorn's workers take it as their master's order, to end after their request.
    if (pid === null) return child.signalAll('SIGTERM')
    tell(pid, 'SIGTERM')
    await awaitEnd(pid, GONE_EVERY_MS)
    // What still runs beside it (a queue's worker, say) keeps the command from ending.
    await sleep(LAST_MS)
    if (this.#child === child) child.signalAll('SIGTERM')
  }

  /**
   * A server may have put another in its place before it ended (USR2, then QUIT or TERM to the old one). That one is no
   * child of ours any more; it is watched in its stead.
   * @returns null when there is none; the status of one that is not our child cannot be known
   */
  async #handedOver(server: ServerProcess): Promise<Ending | null> {
    for (let replaced = false; ; replaced = true) {
      const pid = await server.successor()
      if (pid === null) {
        const status = this.#stop.signal.aborted ? 0 : 1
        return replaced ? { status, words: 'the server that had taken over ended' } : null
      }
      this.#watcher?.log.info({ pid }, 'app replaced')
      if (this.#stop.signal.aborted) tell(pid, 'SIGTERM')
      await awaitEnd(pid, GONE_EVERY_MS * 5)
    }
  }

  /** Ends what is left of a run, and waits until it has gone: whoever still holds the socket keeps the next one out. */
  async #endAll(child: Child): Promise<void> {
    if (!child.lives()) return
    child.signalAll('SIGTERM')
    const began = performance.now()
    while (child.lives()) {
      const since = performance.now() - began
      // While stopping, the whole budget counts, and `kill` comes at its end.
      if (since > LEFT_BEHIND_MS && !this.#stop.signal.aborted) child.signalAll('SIGKILL')
      await sleep(GONE_EVERY_MS)
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
