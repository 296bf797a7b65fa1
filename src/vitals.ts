// What is known of the app's health, in two words of memory that all threads see: when a worker last answered anything,
// and what the house makes of it. Knows no upstream and judges nothing.

/** `starting`: no worker has answered yet; `silent`: none has for longer than it may take. */
export type Verdict = 'starting' | 'well' | 'refusing' | 'silent'

const VERDICTS: readonly Verdict[] = ['starting', 'well', 'refusing', 'silent']
const ANSWERED = 0
const VERDICT = 1
const WORDS = 2
/** Seconds are counted from here, so that they fit 32 bits. */
const BASE_S = 1_700_000_000

export class Vitals {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** A worker has answered something. @param atMs on the wall clock, which all threads share */
  answered(atMs = Date.now()): void {
    this.#words[ANSWERED] = Math.floor(atMs / 1000) - BASE_S
  }

  /** When a worker last answered, in milliseconds on the wall clock, to the second; null: never. */
  get answeredAt(): number | null {
    const seconds = this.#words[ANSWERED]!
    return seconds === 0 ? null : (seconds + BASE_S) * 1000
  }

  get verdict(): Verdict {
    return VERDICTS[this.#words[VERDICT]!]!
  }

  set verdict(verdict: Verdict) {
    this.#words[VERDICT] = VERDICTS.indexOf(verdict)
  }
}
