// Ranges that lie within one another or apart, made into stretches in a row, so that an address is found by halving. All
// of one family. Of ranges that nest the narrower holds; of equal ones the later.

import type { AddressWords } from '../../config/nginx/range.ts'

export interface Range {
  /** Both ends belong to it. */
  readonly from: AddressWords
  readonly to: AddressWords
  readonly value: string
}

export class Stretches {
  readonly #words: number
  /** Where each stretch begins, its words one after another. */
  readonly #starts: Uint32Array
  /** Of each stretch; null: nothing was said of it. */
  readonly #values: readonly (string | null)[]

  constructor(ranges: readonly Range[]) {
    this.#words = ranges[0]?.from.length ?? 1
    const starts: number[] = []
    const values: (string | null)[] = []
    const begin = (at: AddressWords, value: string | null): void => {
      const last = starts.length - at.length
      const same = last >= 0 && at.every((word, n) => starts[last + n] === word)
      if (same) values[values.length - 1] = value
      else {
        starts.push(...at)
        values.push(value)
      }
    }
    /** Ranges that are not over, the outermost first. */
    const open: Range[] = []
    const closeBefore = (at: AddressWords | null): void => {
      for (;;) {
        const inner = open.at(-1)
        if (inner === undefined || (at !== null && compare(inner.to, at) >= 0)) return
        open.pop()
        const next = following(inner.to)
        // What ends where the one around it does leaves nothing of that.
        const around = open.at(-1)
        if (next !== null)
          begin(next, around !== undefined && compare(around.to, next) >= 0 ? around.value : null)
      }
    }
    for (const range of inOrder(ranges)) {
      closeBefore(range.from)
      begin(range.from, range.value)
      open.push(range)
    }
    closeBefore(null)
    this.#starts = Uint32Array.from(starts)
    this.#values = values
  }

  /** Null: nothing was said of it. */
  find(address: AddressWords): string | null {
    const { length } = this.#values
    let [low, high] = [0, length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isAfter(middle, address)) high = middle
      else low = middle + 1
    }
    return low === 0 ? null : this.#values[low - 1]!
  }

  #isAfter(stretch: number, address: AddressWords): boolean {
    const at = stretch * this.#words
    for (let word = 0; word < this.#words; word++) {
      const [start, given] = [this.#starts[at + word]!, address[word]!]
      if (start !== given) return start > given
    }
    return false
  }
}

/** By where they begin, wider ones first; equal ones stay in the order of the file. */
function inOrder(ranges: readonly Range[]): Range[] {
  return ranges.toSorted((a, b) => compare(a.from, b.from) || compare(b.to, a.to))
}

function compare(a: AddressWords, b: AddressWords): number {
  for (let word = 0; word < a.length; word++) if (a[word] !== b[word]) return a[word]! - b[word]!
  return 0
}

/** The next address; null: there is none. */
function following(address: AddressWords): AddressWords | null {
  const next = [...address]
  for (let word = next.length - 1; word >= 0; word--) {
    if (next[word]! < 0xffff_ffff) {
      next[word]!++
      return next
    }
    next[word] = 0
  }
  return null
}
