// What is known from elsewhere of workers that ended lately: the words of the app server's own log, and the app's end,
// when we run it. Joins them to the losses they explain, by the worker's process where it is known, else by the moment.
// Judges nothing; writes no line.

/** As `supervise/` hears it. */
export type WorkerWord =
  | { readonly kind: 'timeout' | 'booting' | 'exiting'; readonly pid: number }
  | { readonly kind: 'signalled'; readonly pid: number; readonly signal: string }
  | { readonly kind: 'exited'; readonly pid: number; readonly status: number }
  /** The app as a whole; `status` as a shell tells it, `words` as `SIGKILL ended it`. */
  | { readonly kind: 'app ended'; readonly status: number; readonly words: string }
  | { readonly kind: 'class'; readonly name: string }

interface Heard {
  readonly word: WorkerWord
  readonly at: number
  claimed: boolean
}

/** How long before a loss its words may have come, and how long after it, in milliseconds: the log is another pipe. */
const BEFORE_MS = 3_000
const AFTER_MS = 1_200
const KEPT_MS = 10_000
const KEPT = 256

export class WorkerWords {
  readonly #heard: Heard[] = []
  /** Processes whose request is known, with the moment it was lost: what is said of them is of that request. */
  readonly #taken = new Map<number, number>()

  hear(word: WorkerWord, at: number): void {
    // A worker that begins or ends as it should explains no loss.
    if (word.kind === 'booting' || word.kind === 'exiting' || word.kind === 'class') return
    this.#heard.push({ word, at, claimed: false })
    if (this.#heard.length > KEPT) this.#heard.shift()
  }

  forget(at: number): void {
    while (this.#heard.length > 0 && at - this.#heard[0]!.at > KEPT_MS) this.#heard.shift()
    for (const [pid, since] of this.#taken) if (at - since > KEPT_MS) this.#taken.delete(pid)
  }

  /** The process that had a request which was lost at that moment is known: its words are not for others. */
  reserve(pid: number, at: number): void {
    if (this.#taken.size < KEPT || this.#taken.has(pid)) this.#taken.set(pid, at)
  }

  /**
   * The words on the worker that was lost at that moment, and on the app as a whole. They explain no other loss.
   * @param pid the worker's process; null when it is not known: then it is the one that words came of nearest in time,
   *   of those whose own request is not known
   */
  explain(at: number, pid: number | null): { pid: number | null; words: readonly WorkerWord[] } {
    const near = this.#heard.filter(each => at - each.at <= BEFORE_MS && each.at - at <= AFTER_MS)
    const whole = near.filter(each => each.word.kind === 'app ended')
    const open = near.filter(each => !each.claimed && 'pid' in each.word)
    open.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))
    const of = pid ?? pidOf(open.find(each => !this.#taken.has(pidOf(each) ?? 0)))
    const mine = open.filter(each => pidOf(each) === of).sort((a, b) => a.at - b.at)
    for (const each of mine) each.claimed = true
    if (of !== null) this.reserve(of, at)
    return { pid: mine.length > 0 ? of : pid, words: [...mine, ...whole].map(({ word }) => word) }
  }

  /** Whether the server has said that it gave up on this worker; claims all that was said of it. */
  timedOut(pid: number): boolean {
    const mine = this.#heard.filter(each => !each.claimed && pidOf(each) === pid)
    if (!mine.some(({ word }) => word.kind === 'timeout')) return false
    for (const each of mine) each.claimed = true
    this.reserve(pid, mine[0]!.at)
    return true
  }
}

function pidOf(heard: Heard | undefined): number | null {
  return heard !== undefined && 'pid' in heard.word ? heard.word.pid : null
}

/** A word as evidence. */
export function inEvidence(word: WorkerWord): string {
  switch (word.kind) {
    case 'timeout':
      return `the server said: WORKER TIMEOUT (pid:${word.pid})`
    case 'signalled':
      return `the server saw ${word.signal} end its worker ${word.pid}`
    case 'exited':
      return `the server saw its worker ${word.pid} end with status ${word.status}`
    case 'app ended':
      return `the app itself ended: ${word.words}`
    default:
      return ''
  }
}
