// Looks in a row that saw fewer slots at work than are believed in: one alone means nothing, since a worker that was killed
// comes back within a second or two. Judges nothing else. Pure: time is an argument.

/** Less is believed after so many looks at the kernel's tables, over so long (milliseconds). */
const LOOKS = 3
const OVER_MS = 2_000

export class LowerLooks {
  readonly #looks: { readonly at: number; readonly number: number }[] = []

  /** One more saw so many only. */
  add(number: number, at: number): void {
    this.#looks.push({ at, number })
  }

  /** One saw enough, or there is nothing to compare with any more. */
  forget(): void {
    this.#looks.length = 0
  }

  get count(): number {
    return this.#looks.length
  }

  /** The most that any of them saw; 0: there was none. */
  get most(): number {
    return Math.max(0, ...this.#looks.map(({ number }) => number))
  }

  /** Whether the kernel has shown fewer for long enough. */
  isConvincing(at: number): boolean {
    return this.#looks.length >= LOOKS && at - this.#looks[0]!.at >= OVER_MS
  }
}
