// Sets of bytes: what one item of a regular expression may match, and how that is written in JavaScript. Texts are latin1
// here, so a character is a byte. Knows the classes that PCRE has by name; parses nothing.

/** PCRE's POSIX classes in the C locale, as members of a JavaScript class. */
const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  lower: 'a-z',
  upper: 'A-Z',
  alnum: 'A-Za-z0-9',
  digit: '0-9',
  xdigit: '0-9A-Fa-f',
  space: '\\t-\\r ',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  graph: '!-~',
  print: ' -~',
  punct: '!-\\/:-@[-`{-~',
  word: '\\w',
  ascii: '\\0-\\x7f',
}

/** Escapes for sets; in capitals they mean all other bytes. White space is ASCII's only, which is not JavaScript's. */
const ESCAPES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '\\w',
  s: '\\t-\\r ',
  h: '\\t \\xa0',
  v: '\\n-\\r\\x85',
}

const SIZE = 256

export class ByteSet {
  readonly #has = new Uint8Array(SIZE)

  static of(code: number): ByteSet {
    return new ByteSet().add(code, code)
  }

  /** Every byte but a line's end, or every byte. */
  static any(lineEnds: boolean): ByteSet {
    return (lineEnds ? new ByteSet() : ByteSet.of(10)).invert()
  }

  /** Of `[:name:]`; null: there is no such class. */
  static posix(name: string): ByteSet | null {
    return Object.hasOwn(POSIX, name) ? ByteSet.#matching(new RegExp(`[${POSIX[name]}]`)) : null
  }

  /** Of `\d` and the like; null: the letter means something else. */
  static escape(letter: string): ByteSet | null {
    const lower = letter.toLowerCase()
    if (!Object.hasOwn(ESCAPES, lower)) return null
    const set = ByteSet.#matching(new RegExp(`[${ESCAPES[lower]}]`))
    return letter === lower ? set : set.invert()
  }

  /** Of `\p{name}`, among the first 256 characters, as PCRE has it without UTF. @throws where there is no such property */
  static property(name: string): ByteSet {
    if (name === 'Any') return ByteSet.any(true)
    return ByteSet.#matching(new RegExp(`\\p{${name === 'L&' ? 'LC' : name}}`, 'u'))
  }

  static #matching(pattern: RegExp): ByteSet {
    const set = new ByteSet()
    for (let code = 0; code < SIZE; code++) if (pattern.test(String.fromCharCode(code))) set.#has[code] = 1
    return set
  }

  add(from: number, to: number): this {
    this.#has.fill(1, from, to + 1)
    return this
  }

  addAll(other: ByteSet): this {
    for (let code = 0; code < SIZE; code++) this.#has[code]! |= other.#has[code]!
    return this
  }

  invert(): this {
    for (let code = 0; code < SIZE; code++) this.#has[code]! ^= 1
    return this
  }

  /** Letters of both cases where one is there: ASCII's only, as PCRE in the C locale. */
  foldCase(): this {
    for (let upper = 65; upper <= 90; upper++) {
      const either = this.#has[upper]! | this.#has[upper + 32]!
      this.#has[upper] = this.#has[upper + 32] = either
    }
    return this
  }

  /** Whether none, all or some of the bytes beyond ASCII are in it. */
  get beyondAscii(): 'none' | 'all' | 'some' {
    const high = this.#has.subarray(128)
    if (!high.includes(1)) return 'none'
    return high.includes(0) ? 'some' : 'all'
  }

  /** The part of it that is ASCII. */
  ascii(): ByteSet {
    const set = new ByteSet()
    set.#has.set(this.#has.subarray(0, 128))
    return set
  }

  /** As one item of a JavaScript expression without flags. */
  get source(): string {
    const members = this.#ranges(1)
    if (members.length === 1 && members[0]![0] === members[0]![1]) return literal(members[0]![0])
    const others = this.#ranges(0)
    return others.length < members.length ? `[^${written(others)}]` : `[${written(members)}]`
  }

  #ranges(value: 0 | 1): [number, number][] {
    const found: [number, number][] = []
    for (let code = 0; code < SIZE; code++) {
      if (this.#has[code] !== value) continue
      const last = found.at(-1)
      if (last?.[1] === code - 1) last[1] = code
      else found.push([code, code])
    }
    return found
  }
}

function written(ranges: readonly (readonly [number, number])[]): string {
  return ranges.map(([from, to]) => (from === to ? member(from) : `${member(from)}-${member(to)}`)).join('')
}

function member(code: number): string {
  return /[\w ./:@%,;=&!~"'<>+*?$|(){}#]/.test(String.fromCharCode(code)) && code < 128
    ? String.fromCharCode(code)
    : hex(code)
}

/** One character, for outside of a class. */
function literal(code: number): string {
  const mark = String.fromCharCode(code)
  if (/[\w :@%,;=&!~"'<>#-]/.test(mark) && code < 128) return mark
  return /[./+*?$|(){}[\]^\\]/.test(mark) ? `\\${mark}` : hex(code)
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}
