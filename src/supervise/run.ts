// One run of the app, from its start until nothing of it is left: its processes, when it is ready, and how it is ended.
// There is one of these for each time that the app is started. Whether it is started again, and who is told what became
// of it, is `supervisor.ts`'s to say.

import { gunicornWords } from '../config/command.ts'
import type { UpstreamConfig } from '../config/config.ts'
import { allProcesses } from '../kernel/processes.ts'
import { type Child, type Ending, startChild } from './child.ts'
import { childEnvironment } from './child-environment.ts'
import type { Output } from './output.ts'
import { type ReadinessOptions, untilReady } from './readiness.ts'
import { awaitEnd, ServerProcess, tell } from './server-process.ts'

export interface RunOptions {
  readonly command: readonly string[]
  /** Where the app listens; the first one's port is its `$PORT`. */
  readonly upstreams: readonly UpstreamConfig[]
  readonly env: NodeJS.ProcessEnv
  /** Milliseconds. */
  readonly startTimeout: number
  /** A path to ask for, where it must be asked whether it is ready. */
  readonly path: string
  readonly answers: ReadinessOptions['answers']
  readonly stdout: Output
  readonly stderr: Output
}

/** What is told of a run while it goes on. */
export interface RunEvents {
  /** It is ready, after so many milliseconds. @param pid the server's, else the command's own */
  ready(pid: number, afterMs: number): void
  /** A line of its output that may speak of a worker. */
  line(text: string): void
  /** So many workers were seen, now. */
  workers(count: number): void
  /** The command has ended, and nobody was stopping it. */
  ended(ending: Ending): void
  /** The server has put another in its place before it ended. */
  replaced(pid: number): void
}

/** How much later than its server the rest of the app is told to end, in milliseconds. */
const REST_MS = 1_000
/** What is left behind when the command has ended gets so long after TERM, in milliseconds, and KILL then. */
const LEFT_BEHIND_MS = 2_000
const LOOK_EVERY_MS = 1_000
const GONE_EVERY_MS = 50

export class Run {
  /** Settles when nothing of it is left, with how its command or its server ended. */
  readonly ended: Promise<Ending>
  /** When it was ready, in milliseconds on the monotonic clock; 0: it never was. */
  readyAt = 0
  readonly #options: RunOptions
  readonly #stopping: AbortSignal
  readonly #events: RunEvents
  readonly #startedAt = performance.now()
  readonly #child: Child
  readonly #server: ServerProcess
  /** Aborted when its command has ended, or has taken too long to be ready. */
  readonly #over = new AbortController()
  #nothingLeft = false

  /** Starts it. @param stopping from then on nobody waits for it to be ready, and its end is expected */
  constructor(options: RunOptions, stopping: AbortSignal, events: RunEvents) {
    const { command, upstreams, stdout, stderr } = options
    this.#options = options
    this.#stopping = stopping
    this.#events = events
    const env = childEnvironment(options.env, upstreams[0]!.address)
    this.#child = startChild({ command, env, stdout, stderr, line: text => events.line(text) })
    this.#server = new ServerProcess(this.#child.pid, upstreams)
    this.ended = this.#live()
  }

  /** The processes that may serve requests, its master among them; none where they cannot be seen. */
  workers(): readonly number[] {
    return this.#server.serving()
  }

  /** Hands a signal to the server, past whatever has started it. Settles with false where there is none yet. */
  async signal(name: NodeJS.Signals): Promise<boolean> {
    const pid = await this.#server.pid()
    if (pid !== null) tell(pid, name)
    // Where processes cannot be seen, the command itself has to be the server.
    else if (allProcesses() === null && !this.#nothingLeft) tell(this.#child.pid, name)
    else return false
    return true
  }

  /** Sends a signal to all of its processes. */
  signalAll(name: NodeJS.Signals): void {
    this.#child.signalAll(name)
  }

  /** Tells it to end, in the order in which it ends best. */
  async terminate(): Promise<void> {
    const pid = await this.#server.pid()
    // The server alone, where it is seen: what has started it then ends with the server's own status. To all of the
    // group TERM does no harm: gunicorn's workers take it as their master's order, to end after their request.
    if (pid === null) return this.signalAll('SIGTERM')
    tell(pid, 'SIGTERM')
    await awaitEnd(pid, GONE_EVERY_MS)
    // What still runs beside it (a queue's worker, say) keeps the command from ending.
    await sleep(REST_MS)
    if (!this.#nothingLeft) this.signalAll('SIGTERM')
  }

  async #live(): Promise<Ending> {
    const { startTimeout } = this.#options
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#over.abort()
      void this.#endAll()
    }, startTimeout)
    const watched = this.#untilReady().then(async ready => {
      if (!ready || this.#stopping.aborted) return
      clearTimeout(timer)
      await this.#isReady()
    })
    let ending = await this.#child.ended
    if (!this.#stopping.aborted) this.#events.ended(ending)
    if (ending.status === 0 && this.readyAt !== 0) ending = (await this.#handedOver()) ?? ending
    clearTimeout(timer)
    this.#over.abort()
    await watched
    await this.#endAll()
    this.#nothingLeft = true
    if (!late) return ending
    return { status: 1, words: `it was not ready within ${startTimeout / 1000} s` }
  }

  #untilReady(): Promise<boolean> {
    const { upstreams, answers, path, startTimeout, command, env } = this.#options
    const ask = gunicornWords(command, env) !== null
    return untilReady({ upstreams, ask, answers, path, timeout: startTimeout, signal: this.#over.signal })
  }

  async #isReady(): Promise<void> {
    this.readyAt = performance.now()
    const pid = await this.#server.pid()
    this.#events.ready(pid ?? this.#child.pid, Math.round(this.readyAt - this.#startedAt))
    const looking = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
    const { signal } = this.#over
    signal.addEventListener('abort', () => clearInterval(looking))
    if (signal.aborted) clearInterval(looking)
  }

  #look(): void {
    const workers = this.#server.workers()
    if (workers !== null) this.#events.workers(workers.length)
  }

  /**
   * A server may have put another in its place before it ended (USR2, then QUIT or TERM to the old one). That one is no
   * child of ours any more; it is watched in its stead.
   * @returns null when there is none; the status of one that is not our child cannot be known
   */
  async #handedOver(): Promise<Ending | null> {
    for (let replaced = false; ; replaced = true) {
      const pid = await this.#server.successor()
      if (pid === null) {
        const status = this.#stopping.aborted ? 0 : 1
        return replaced ? { status, words: 'the server that had taken over ended' } : null
      }
      this.#events.replaced(pid)
      if (this.#stopping.aborted) tell(pid, 'SIGTERM')
      await awaitEnd(pid, GONE_EVERY_MS * 5)
    }
  }

  /** Ends what is left of it, and waits until it has gone: whoever still holds the socket keeps the next one out. */
  async #endAll(): Promise<void> {
    const child = this.#child
    if (!child.lives()) return
    child.signalAll('SIGTERM')
    const began = performance.now()
    while (child.lives()) {
      const since = performance.now() - began
      // While stopping, the whole budget counts, and `kill` comes at its end.
      if (since > LEFT_BEHIND_MS && !this.#stopping.aborted) child.signalAll('SIGKILL')
      await sleep(GONE_EVERY_MS)
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
