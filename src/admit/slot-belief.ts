// The number of slots that is believed, what is tried beyond it, and when the next try is due. Pure bookkeeping: what
// speaks for a number is `slot-finder.ts`'s to judge.

export interface FinderOptions {
  /** What is believed at first, and never gone below. */
  readonly least: number
  /** Where that comes from, for people; null: from nowhere. */
  readonly from: string | null
  /** Whether the kernel of this machine shows the upstream's listener. */
  readonly kernel: boolean
  /** How many are with the upstream now. */
  busy(): number
  /** Whether requests wait that the upstream could be given. */
  waiting(): boolean
  /** How many may be with the upstream has changed. */
  changed(): void
  /** The number is known, and is another than before. */
  found(): void
}

/** From one look for more slots to the next: the shortest after a change, doubled up to the longest. */
const LOOK_AFTER_MS = 250
const LOOK_EVERY_MS = 2_000

export class SlotBelief {
  limit: number
  /** What can be sent again may go up to here. */
  ceiling: number
  /** Where the number comes from, for people. */
  evidence: string
  /** While the number is looked for the first time it is doubled; later what is added is. */
  first: boolean
  step = 1
  lookAt = 0
  /** One that must not be sent twice is let go beyond the limit. */
  exposed = false
  /** When the limit or the ceiling last changed. */
  since = 0
  readonly #options: FinderOptions
  readonly #begin: () => void
  /** From one look to the next. */
  lookEvery = LOOK_AFTER_MS
  #said: number

  /** @param begin what was seen under the former limit and ceiling counts no longer */
  constructor(options: FinderOptions, begin: () => void) {
    this.#options = options
    this.#begin = begin
    this.limit = this.ceiling = options.least
    this.evidence = options.from ?? 'nothing yet'
    this.first = options.from === null
    this.#said = options.from === null ? 0 : options.least
  }

  get trying(): boolean {
    return this.ceiling > this.limit || this.exposed
  }

  /** More is tried. */
  look(ceiling: number, at: number): void {
    this.ceiling = ceiling
    this.#change(at)
  }

  /** One is tried that must not be sent twice. */
  expose(): void {
    this.exposed = true
    this.#options.changed()
  }

  /** What was tried fits. Evidently there may be more. */
  raise(limit: number, evidence: string, at: number): void {
    this.step = this.first ? limit : this.step * 2
    this.lookEvery = LOOK_AFTER_MS
    this.#take(limit, evidence)
    this.look(limit + this.step, at)
  }

  /** Part of what is tried fits; the rest is still tried. */
  raisePart(limit: number, evidence: string): void {
    this.#take(limit, evidence)
    this.#options.changed()
  }

  /** More than this does not fit. */
  edge(limit: number, evidence: string, at: number): void {
    this.lookEvery = limit === this.limit ? Math.min(this.lookEvery * 2, LOOK_EVERY_MS) : LOOK_AFTER_MS
    this.first = false
    this.step = 1
    this.#take(limit, evidence)
    this.settle(at)
    if (limit === this.#said) return
    this.#said = limit
    this.#options.found()
  }

  /** Begins to look for the number again, from here. */
  startFrom(limit: number, evidence: string, at: number): void {
    this.step = limit
    this.#take(limit, evidence)
    this.settle(at)
  }

  /** Nothing more is tried for now. */
  settle(at: number): void {
    this.ceiling = this.limit
    this.exposed = false
    this.postpone(at)
    this.#change(at)
  }

  postpone(at: number): void {
    this.lookAt = at + this.lookEvery
  }

  /** The next look is due soon. */
  hasten(): void {
    this.lookEvery = LOOK_AFTER_MS
  }

  #take(limit: number, evidence: string): void {
    const { least, from } = this.#options
    // A number that was given is said as long as nothing else was found.
    if (from === null) this.evidence = evidence
    else this.evidence = limit === least ? from : `${evidence}, beyond ${from}`
    this.limit = limit
  }

  #change(at: number): void {
    this.since = at
    this.#begin()
    this.#options.changed()
  }
}
