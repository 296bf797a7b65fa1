// What all threads see of the queue without asking: a few words of shared memory, written by the house and read by
// the data planes. Holds no decision: what counts is what the house says when it is asked.

import type { Outlook } from '../admit/admission.ts'
import { FAILURES, type FailureCode } from '../errors.ts'

const OUTLOOK = 0
const REFUSAL = 1
const CHECK_REFUSAL = 2
const ASKING = 3
const WATCHING = 4
const TAKEN = 5
const WORDS = 6

const OUTLOOKS: readonly Outlook[] = ['open', 'held', 'refusing']
const CODES = Object.keys(FAILURES) as FailureCode[]

export class Board {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  get outlook(): Outlook {
    return OUTLOOKS[Atomics.load(this.#words, OUTLOOK)]!
  }

  set outlook(outlook: Outlook) {
    Atomics.store(this.#words, OUTLOOK, OUTLOOKS.indexOf(outlook))
  }

  /** Why a request would be refused at its head now; null: it would not. */
  refusal(healthCheck: boolean): FailureCode | null {
    const word = Atomics.load(this.#words, healthCheck ? CHECK_REFUSAL : REFUSAL)
    return word === 0 ? null : CODES[word - 1]!
  }

  refuse(healthCheck: boolean, code: FailureCode | null): void {
    const word = code === null ? 0 : CODES.indexOf(code) + 1
    Atomics.store(this.#words, healthCheck ? CHECK_REFUSAL : REFUSAL, word)
  }

  /** Requests that have asked the house for a slot, or are about to, and have no answer yet. */
  get asking(): number {
    return Atomics.load(this.#words, ASKING)
  }

  asks(): void {
    Atomics.add(this.#words, ASKING, 1)
  }

  answered(): void {
    Atomics.sub(this.#words, ASKING, 1)
  }

  /** A slot was taken without asking. */
  takes(): void {
    Atomics.add(this.#words, TAKEN, 1)
  }

  /** How many slots were, since this was asked last. */
  taken(): number {
    return Atomics.exchange(this.#words, TAKEN, 0)
  }

  /** Whether the house wants to hear of each connection that stands: while it judges why a worker was lost. */
  get watching(): boolean {
    return Atomics.load(this.#words, WATCHING) === 1
  }

  set watching(watching: boolean) {
    Atomics.store(this.#words, WATCHING, watching ? 1 : 0)
  }
}
