// What a family of files draws from: random numbers of a seed, and the few ways in which they are asked.

import { Random } from '../../support/random.ts'

export class Choice extends Random {
  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  /** From `least` to `most`, both among them. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** So many of what is made, each made anew. */
  several<T>(least: number, most: number, make: (at: number) => T): T[] {
    return Array.from({ length: this.between(least, most) }, (_, at) => make(at))
  }

  /** Some of these, in their order, each with this chance. */
  some<T>(from: readonly T[], percent: number): T[] {
    return from.filter(() => this.chance(percent))
  }
}
