// How many requests the app's workers can take, told whenever it changes: from their number as it is seen now and then,
// and from what gunicorn says of their kind. Owns the judgement alone; somebody else looks, and sets the slots.

import { gunicornWords } from '../config/command.ts'
import { readGunicornWords, wordsIn } from '../config/gunicorn.ts'

/** Workers that take one request at a time, as gunicorn names them (gunicorn/config.py, worker_class_str). */
const SINGLE = /^(?:gunicorn\.workers\.sync\.SyncWorker|sync)$/
/** One a thread; `threads` is what 20 calls a sync worker with some. */
const THREADED = /^(?:gunicorn\.workers\.gthread\.ThreadWorker|gthread|threads)$/

export class WorkerCount {
  readonly #threads: number | null
  readonly #told: (slots: number) => void
  #blocking: boolean | null
  #seen = 0
  #last = 0

  /**
   * @param command the app's, with the words that tell its threads and its class
   * @param told gets the number of requests its workers can work on at once
   */
  constructor(command: readonly string[], env: NodeJS.ProcessEnv, told: (slots: number) => void) {
    this.#told = told
    const own = gunicornWords(command, env)
    const words = readGunicornWords([...wordsIn(env.GUNICORN_CMD_ARGS ?? ''), ...(own ?? [])])
    this.#threads = words.threads === null ? null : Number(words.threads)
    this.#blocking = words.otherClass !== null ? false : own === null ? null : true
  }

  /** gunicorn has said what kind its workers are. */
  isOfClass(name: string): void {
    // Threads that only its file names are not seen; then the number says nothing.
    this.#blocking = SINGLE.test(name) || (THREADED.test(name) && this.#threads !== null)
  }

  /**
   * Takes note of the workers there are now. A number counts when it is seen twice in a row: while they are being
   * replaced there are more or fewer for a moment.
   */
  look(workers: number): void {
    const twice = workers === this.#seen
    this.#seen = workers
    if (!twice || workers === 0 || workers === this.#last || this.#blocking !== true) return
    this.#last = workers
    this.#told(workers * Math.max(1, this.#threads ?? 1))
  }
}
