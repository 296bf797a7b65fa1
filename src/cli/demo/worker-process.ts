// One worker of the demonstration as its parent sees it: started, started again at the same port when somebody
// killed it, and ended. Knows nothing of what the worker serves.

import { type ChildProcess, fork } from 'node:child_process'
import { packageFile } from '../../package-files.ts'

const ENTRY = packageFile('cli/demo/worker.ts')

/** How long a worker may take to listen, in milliseconds. */
const START_MS = 10_000
/** The pause before a worker is started again, in milliseconds; doubled while it dies at once. */
const PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000
/** A worker that lived this long, in milliseconds, did not die at once. */
const SETTLED_MS = 1000

export class WorkerProcess {
  readonly number: number
  /** Where it listens, on 127.0.0.1; 0 until it first did. */
  port = 0
  readonly #onReady: (worker: WorkerProcess) => void
  #child: ChildProcess | null = null
  #startedAt = 0
  #pause = PAUSE_MS
  #timer: NodeJS.Timeout | undefined
  #stopping = false

  /** `onReady` is told each time it listens. */
  constructor(number: number, onReady: (worker: WorkerProcess) => void) {
    this.number = number
    this.#onReady = onReady
  }

  /** Its process id; 0 while there is no process. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /**
   * Starts it; settles when it listens.
   * @throws Error, with a message for people, when it ends before that or takes too long
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no sign of it for ${START_MS / 1000} s`)), START_MS)
      this.#launch(
        () => {
          clearTimeout(timer)
          resolve()
        },
        why => {
          clearTimeout(timer)
          reject(new Error(why))
        },
      )
    })
  }

  /** Ends it for good; settles when its process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (child === null) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    // A blocked worker hears nothing gentler, and nothing that it does is worth keeping.
    child.kill('SIGKILL')
    await gone
  }

  #launch(ready: () => void, ended: (why: string) => void): void {
    const args = [this.number, this.port, process.pid].map(String)
    // Detached, since a terminal's Ctrl-C goes to the whole process group: the shield must drain before its
    // workers end. None of this process's own flags (a debugger's port, say) are handed down.
    const child = fork(ENTRY, args, {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = child
    this.#startedAt = performance.now()
    child.on('message', (message: { port: number }) => {
      this.port = message.port
      ready()
      this.#onReady(this)
    })
    const over = (why: string) => {
      if (this.#child !== child) return
      this.#child = null
      ended(why)
      // One that never listened has no port to come back to.
      if (!this.#stopping && this.port !== 0) this.#again()
    }
    child.once('error', error => over(error.message))
    child.once('exit', (code, signal) =>
      over(signal === null ? `it ended with status ${code}` : `${signal} ended it`),
    )
  }

  #again(): void {
    const settled = performance.now() - this.#startedAt >= SETTLED_MS
    this.#pause = settled ? PAUSE_MS : Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
    this.#timer = setTimeout(
      () =>
        this.#launch(
          () => {},
          () => {},
        ),
      this.#pause,
    )
    this.#timer.unref()
  }
}
