// The fields of one message in the order they came, with their case and their repeats. Values are latin1
// strings, so that every byte survives the round trip. Knows no field's meaning and checks nothing.

/**
 * Three parallel arrays rather than a map: heads are short, order matters, and loops over them are what a
 * serialiser does. They are open for reading; change them through the methods only.
 */
export class HeaderList {
  /** Names as they came. */
  readonly names: string[] = []
  /** The same in lower case. */
  readonly lower: string[] = []
  readonly values: string[] = []

  get length(): number {
    return this.names.length
  }

  /** Appends a field. The caller vouches for name and value; `lower` saves the conversion when it is known. */
  add(name: string, value: string, lower = name.toLowerCase()): void {
    this.names.push(name)
    this.lower.push(lower)
    this.values.push(value)
  }

  /** The first value of that name (in lower case). */
  get(lower: string): string | undefined {
    const at = this.lower.indexOf(lower)
    return at === -1 ? undefined : this.values[at]
  }

  /** Every value of that name, in order. */
  all(lower: string): string[] {
    const found: string[] = []
    for (let i = this.lower.indexOf(lower); i !== -1; i = this.lower.indexOf(lower, i + 1)) {
      found.push(this.values[i]!)
    }
    return found
  }

  /** The members of a comma-separated list over all repeats of that name, as they came; nothing is known of quotes. */
  list(lower: string): string[] {
    const found: string[] = []
    for (let i = this.lower.indexOf(lower); i !== -1; i = this.lower.indexOf(lower, i + 1)) {
      const value = this.values[i]!
      if (value.includes(',')) for (const member of value.split(',')) found.push(member)
      else found.push(value)
    }
    return found
  }

  /** All values of that name as one list (RFC 9110 §5.3), those of nothing left out. */
  joined(lower: string): string {
    let joined = ''
    for (let i = this.lower.indexOf(lower); i !== -1; i = this.lower.indexOf(lower, i + 1)) {
      const value = this.values[i]!
      if (value !== '') joined = joined === '' ? value : `${joined}, ${value}`
    }
    return joined
  }

  /** How many fields have that name. */
  count(lower: string): number {
    let count = 0
    for (let i = this.lower.indexOf(lower); i !== -1; i = this.lower.indexOf(lower, i + 1)) count++
    return count
  }

  has(lower: string): boolean {
    return this.lower.includes(lower)
  }

  /**
   * The members of a comma-separated list over all repeats of that name, trimmed and in lower case, empty ones
   * dropped (RFC 9110 §5.6.1). Quoted strings are not understood: for lists of tokens only.
   */
  tokens(lower: string): string[] {
    const found: string[] = []
    for (const member of this.list(lower)) {
      // Only SP and HTAB are white space here; trim() would take 0xA0 as well.
      const token = member.replace(/^[ \t]+|[ \t]+$/g, '')
      if (token !== '') found.push(token.toLowerCase())
    }
    return found
  }

  /** Replaces all fields of that name with one, at the first one's place; appends it when there is none. */
  set(name: string, value: string): void {
    const lower = name.toLowerCase()
    const first = this.lower.indexOf(lower)
    if (first === -1) {
      this.add(name, value, lower)
      return
    }
    this.#remove(lower, first + 1)
    this.names[first] = name
    this.values[first] = value
  }

  /** Changes the value of the first field of that name (in lower case), and no other; returns whether there is one. */
  replace(lower: string, value: string): boolean {
    const first = this.lower.indexOf(lower)
    if (first !== -1) this.values[first] = value
    return first !== -1
  }

  /** Removes every field of that name (in lower case). */
  delete(lower: string): void {
    this.#remove(lower, 0)
  }

  /** Removes the first `count` fields of that name (in lower case): those that came before others were added. */
  deleteFirst(lower: string, count: number): void {
    if (count === 0) return
    const kept = this.all(lower).slice(count)
    const name = this.names[this.lower.lastIndexOf(lower)] ?? lower
    this.delete(lower)
    for (const value of kept) this.add(name, value, lower)
  }

  /** Removes every field that the test, given its name in lower case and its place, says no to. */
  keep(test: (lower: string, at: number) => boolean): void {
    let kept = 0
    for (let i = 0; i < this.lower.length; i++) {
      if (!test(this.lower[i]!, i)) continue
      if (kept !== i) this.#move(i, kept)
      kept++
    }
    if (kept < this.lower.length) this.names.length = this.lower.length = this.values.length = kept
  }

  // One pass that closes the gaps: removing one by one would be quadratic in a hostile head.
  #remove(lower: string, from: number): void {
    let kept = this.lower.indexOf(lower, from)
    if (kept === -1) return
    for (let i = kept; i < this.lower.length; i++) {
      if (this.lower[i] === lower) continue
      this.#move(i, kept)
      kept++
    }
    this.names.length = this.lower.length = this.values.length = kept
  }

  #move(from: number, to: number): void {
    this.names[to] = this.names[from]!
    this.lower[to] = this.lower[from]!
    this.values[to] = this.values[from]!
  }
}
