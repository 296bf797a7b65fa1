// Reads what stands behind a backslash or in brackets in a regular expression of PCRE. Owns their grammar; groups and
// repeats are `regex.ts`'s.

import { ByteSet } from './byte-set.ts'

export class PatternProblem extends Error {}

export type Escape = { readonly end: number } & (
  | { readonly kind: 'byte'; readonly code: number }
  | { readonly kind: 'set'; readonly set: ByteSet }
  /** Written in JavaScript. */
  | { readonly kind: 'text'; readonly text: string; readonly assertion: boolean }
  /** To a group, by number or name. */
  | { readonly kind: 'reference'; readonly to: string }
  /** Characters that stand for themselves. */
  | { readonly kind: 'quoted'; readonly text: string }
)

const BYTES: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }

const TEXTS: Readonly<Record<string, readonly [text: string, assertion: boolean]>> = {
  A: ['^', true],
  G: ['^', true],
  Z: ['(?=\\n?$)', true],
  z: ['$', true],
  b: ['\\b', true],
  B: ['\\B', true],
  // Never gone back into: a CR that is followed by LF is no line's end by itself.
  R: ['(?:\\r\\n|\\r(?!\\n)|[\\n\\v\\f\\x85])', false],
  E: ['', false],
}

const ABSENT: Readonly<Record<string, string>> = {
  K: '\\K, which JavaScript does not have',
  X: '\\X, which JavaScript does not have',
}

/**
 * The escape whose backslash stands at `at`, outside of a class.
 * @param groups how many groups stand before it
 */
export function escapeAt(pattern: string, at: number, groups: number): Escape {
  const letter = pattern[at + 1]
  if (letter === undefined) throw new PatternProblem('\\ at end of pattern')
  if (letter === 'Q') {
    const stop = pattern.indexOf('\\E', at)
    const text = pattern.slice(at + 2, stop === -1 ? pattern.length : stop)
    return { kind: 'quoted', text, end: stop === -1 ? pattern.length : stop + 2 }
  }
  if (Object.hasOwn(TEXTS, letter)) {
    const [text, assertion] = TEXTS[letter]!
    return { kind: 'text', text, assertion, end: at + 2 }
  }
  if (Object.hasOwn(ABSENT, letter)) throw new PatternProblem(ABSENT[letter]!)
  if (letter === 'N' || letter === 'C') return { kind: 'set', set: ByteSet.any(letter === 'C'), end: at + 2 }
  return referenceAt(pattern, at, groups) ?? byteOrSet(pattern, at)
}

// \1 to \9 always are references, larger numbers where so many groups stand before them.
function referenceAt(pattern: string, at: number, groups: number): Escape | null {
  const digits = take(/\\([1-9]\d*)/y, pattern, at)
  if (digits !== null) {
    const number = Number(digits[1])
    const isReference = number < 10 || number <= groups || /^[89]/.test(digits[1]!)
    return isReference ? { kind: 'reference', to: digits[1]!, end: at + digits[0].length } : null
  }
  const named =
    take(/\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})/y, pattern, at) ??
    take(/\\g(?:\{([+-]?\w+)\}|([+-]?\d+))/y, pattern, at)
  if (named === null) {
    if (/[gk]/.test(pattern[at + 1]!)) throw new PatternProblem('a reference that JavaScript does not have')
    return null
  }
  const to = (named[1] ?? named[2] ?? named[3])!
  const [, sign, distance] = /^([+-])(\d+)$/.exec(to) ?? []
  const relative = sign === '-' ? groups + 1 - Number(distance) : groups + Number(distance)
  return { kind: 'reference', to: sign === undefined ? to : String(relative), end: at + named[0].length }
}

// What may also stand in a class.
function byteOrSet(pattern: string, at: number): Extract<Escape, { kind: 'byte' | 'set' }> {
  const letter = pattern[at + 1]!
  const set = ByteSet.escape(letter)
  if (set !== null) return { kind: 'set', set, end: at + 2 }
  const property = take(/\\([pP])(?:\{(\^?)([\w&]+)\}|([A-Z]))/y, pattern, at)
  if (property !== null) {
    const [whole, kind, caret = '', long, short] = property
    const found = properties((long ?? short)!)
    if ((kind === 'P') !== (caret === '^')) found.invert()
    return { kind: 'set', set: found, end: at + whole.length }
  }
  const number =
    take(/\\x\{([\dA-Fa-f]+)\}/y, pattern, at) ??
    take(/\\x([\dA-Fa-f]{0,2})/y, pattern, at) ??
    take(/\\o\{([0-7]+)\}/y, pattern, at) ??
    take(/\\([0-7]{1,3})/y, pattern, at)
  if (number !== null) {
    const [whole, digits] = number
    const code = Number.parseInt(digits || '0', letter === 'x' ? 16 : 8)
    if (code > 255) throw new PatternProblem('character code point value in \\x{} or \\o{} is too large')
    return { kind: 'byte', code, end: at + whole.length }
  }
  if (letter === 'c') {
    const control = pattern[at + 2]
    if (control === undefined) throw new PatternProblem('\\c at end of pattern')
    return { kind: 'byte', code: control.toUpperCase().charCodeAt(0) ^ 64, end: at + 3 }
  }
  if (Object.hasOwn(BYTES, letter)) return { kind: 'byte', code: BYTES[letter]!, end: at + 2 }
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternProblem(`unrecognized character follows \\ (${letter})`)
  return { kind: 'byte', code: letter.charCodeAt(0), end: at + 2 }
}

function properties(name: string): ByteSet {
  try {
    return ByteSet.property(name)
  } catch {
    throw new PatternProblem(`unknown property name after \\P or \\p (${name})`)
  }
}

/** The class whose bracket stands at `at`. */
export function classAt(pattern: string, at: number, caseless: boolean): { set: ByteSet; end: number } {
  const set = new ByteSet()
  const negated = pattern[at + 1] === '^'
  const first = at + (negated ? 2 : 1)
  /** The last single byte, which a hyphen may begin a range with. */
  let low: number | null = null
  let [here, literal] = [first, false]
  for (;;) {
    const mark = pattern[here]
    if (mark === undefined) throw new PatternProblem('missing terminating ] for character class')
    if (pattern.startsWith(literal ? '\\E' : '\\Q', here) || pattern.startsWith('\\E', here)) {
      literal = pattern[here + 1] === 'Q'
      here += 2
      continue
    }
    if (mark === ']' && here > first && !literal) break
    const isRange = mark === '-' && !literal && low !== null && pattern[here + 1] !== ']'
    const found = memberAt(pattern, isRange ? here + 1 : here, literal)
    here = found.end
    if (found.kind === 'set') {
      if (isRange) throw new PatternProblem('invalid range in character class')
      set.addAll(found.set)
      low = null
    } else if (isRange) {
      if (found.code < low!) throw new PatternProblem('range out of order in character class')
      set.add(low!, found.code)
      low = null
    } else {
      set.add(found.code, found.code)
      low = found.code
    }
  }
  if (caseless) set.foldCase()
  return { set: negated ? set.invert() : set, end: here + 1 }
}

function memberAt(pattern: string, at: number, literal: boolean): Extract<Escape, { kind: 'byte' | 'set' }> {
  const mark = pattern[at]
  if (mark === undefined) throw new PatternProblem('missing terminating ] for character class')
  if (!literal && mark === '\\') {
    if (pattern[at + 1] === undefined) throw new PatternProblem('\\ at end of pattern')
    if (pattern[at + 1] === 'b') return { kind: 'byte', code: 8, end: at + 2 }
    return byteOrSet(pattern, at)
  }
  const posix = literal ? null : take(/\[:(\^?)([a-z]+):\]/y, pattern, at)
  if (posix === null) return { kind: 'byte', code: mark.charCodeAt(0), end: at + 1 }
  const set = ByteSet.posix(posix[2]!)
  if (set === null) throw new PatternProblem(`unknown POSIX class name (${posix[2]})`)
  return { kind: 'set', set: posix[1] === '^' ? set.invert() : set, end: at + posix[0].length }
}

function take(sticky: RegExp, pattern: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at
  return sticky.exec(pattern)
}
