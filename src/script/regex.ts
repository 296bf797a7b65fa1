// Regular expressions as nginx's files have them (PCRE on bytes, without DOTALL or UTF) made into JavaScript's. What one
// byte may be is always written out as a set, and no flag is used: the two languages differ in what `.`, `\s`, `$` and
// letters without case mean. Owns the translation; does not match.
//
// Known differences that stay: a group within a repeated one is forgotten when a later round does not take part, and a
// reference to a group that took no part matches the empty text instead of nothing.

import { ByteSet } from './byte-set.ts'
import { classAt, escapeAt, PatternProblem } from './regex-escapes.ts'
import { numbered, openMark, referenceMark } from './regex-groups.ts'
import { change, NO_OPTIONS, type Options } from './regex-options.ts'
import { allOf, quantifierAt, written } from './regex-quantifier.ts'

/**
 * @param pattern as written, every byte a character
 * @throws Error in words for people where it is malformed, or holds what JavaScript cannot do
 */
export function compilePattern(pattern: string, caseless: boolean): RegExp {
  try {
    return new Translation(pattern, caseless).compile()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`regular expression "${pattern}" failed: ${why}`)
  }
}

/** Names of the groups in a pattern that compiles, as variables are named: in lower case. */
export function groupNames(pattern: string): string[] {
  const named = pattern.matchAll(/\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/g)
  return [...named].map(([, one, other]) => (one ?? other)!.toLowerCase())
}

/** What can be repeated: already written in JavaScript. */
interface Item {
  readonly text: string
  /** Where it is one byte of a set. */
  readonly set?: ByteSet
  /** It takes no room, and JavaScript does not let it be repeated as it is. */
  readonly assertion?: boolean
  /** What was read with it and is not repeated. */
  readonly before?: string
}

/** nginx's stack of captures bounds a pattern's depth; ours is bounded so that no file ends the process. */
const DEEPEST = 250

class Translation {
  readonly #pattern: string
  readonly #caseless: boolean
  #at = 0
  #groups = 0
  #atomics = 0
  #depth = 0
  #utf = false
  readonly #names = new Map<string, number>()

  constructor(pattern: string, caseless: boolean) {
    this.#pattern = pattern
    this.#caseless = caseless
  }

  compile(): RegExp {
    this.#startVerbs()
    const marked = this.#alternatives({ ...NO_OPTIONS, caseless: this.#caseless }, false)
    if (this.#at < this.#pattern.length) throw this.#problem('unmatched closing parenthesis')
    return numbered(marked, this.#groups, this.#names)
  }

  // — groups

  #alternatives(options: Options, sharedNumbers: boolean): string {
    if (++this.#depth > DEEPEST) throw this.#problem('parentheses are too deeply nested')
    const first = this.#groups
    let [most, text] = [first, '']
    for (;;) {
      text += this.#sequence(options)
      if (this.#pattern[this.#at] !== '|') break
      this.#at++
      text += '|'
      most = Math.max(most, this.#groups)
      if (sharedNumbers) this.#groups = first
    }
    this.#groups = Math.max(most, this.#groups)
    this.#depth--
    return text
  }

  #sequence(options: Options): string {
    let text = ''
    for (;;) {
      this.#skipIgnored(options)
      const mark = this.#pattern[this.#at]
      if (mark === undefined || mark === '|' || mark === ')') return text
      const item = this.#item(options)
      if (item === null) continue
      this.#skipIgnored(options)
      text += this.#repeated(item, options)
    }
  }

  #skipIgnored({ spaced }: Options): void {
    const ignored = spaced ? /(?:[\t-\r ]|#[^\n]*(?:\n|$)|\(\?#[^)]*\))*/y : /(?:\(\?#[^)]*\))*/y
    this.#take(ignored)
  }

  #item(options: Options): Item | null {
    const mark = this.#pattern[this.#at]!
    switch (mark) {
      case '(':
        return this.#group(options)
      case '[': {
        const found = classAt(this.#pattern, this.#at, options.caseless)
        this.#at = found.end
        return this.#ofSet(found.set)
      }
      case '\\':
        return this.#escape(options)
      case '.':
        this.#at++
        return this.#ofSet(ByteSet.any(options.lineEnds))
      case '^':
        this.#at++
        return { text: options.lines ? '(?:^|(?<=\\n)(?!$))' : '^', assertion: true }
      case '$':
        this.#at++
        // PCRE's also holds before a line's end that is the last byte.
        return { text: options.lines ? '(?=\\n|$)' : '(?=\\n?$)', assertion: true }
      case '*':
      case '+':
      case '?':
        throw this.#problem('quantifier does not follow a repeatable item')
      default: {
        const sequence = this.#utf ? this.#take(/[\xc2-\xf4][\x80-\xbf]+/y) : null
        if (sequence !== null) return { text: `(?:${sequence[0]})` }
        this.#at++
        return this.#literal(mark.charCodeAt(0), options)
      }
    }
  }

  #literal(code: number, { caseless }: Options): Item {
    return this.#ofSet(caseless ? ByteSet.of(code).foldCase() : ByteSet.of(code))
  }

  #ofSet(set: ByteSet): Item {
    if (!this.#utf || set.beyondAscii === 'none') return { text: set.source, set }
    if (set.beyondAscii === 'some') throw this.#problem('characters beyond ASCII in a class, with (*UTF8)')
    return { text: `(?:${set.ascii().source}|[\\xc2-\\xf4][\\x80-\\xbf]+)` }
  }

  #escape(options: Options): Item | null {
    const found = escapeAt(this.#pattern, this.#at, this.#groups)
    this.#at = found.end
    switch (found.kind) {
      case 'byte':
        return this.#literal(found.code, options)
      case 'set':
        return this.#ofSet(options.caseless ? found.set.foldCase() : found.set)
      case 'text':
        return found.text === '' ? null : { text: found.text, assertion: found.assertion }
      case 'reference':
        return this.#reference(found.to, options)
      case 'quoted': {
        if (found.text === '') return null
        const last = found.text.length - 1
        const items = [...found.text].map(mark => this.#literal(mark.charCodeAt(0), options))
        const before = items.slice(0, last).map(({ text }) => text)
        return { ...items[last]!, before: before.join('') }
      }
    }
  }

  #reference(to: string, { caseless }: Options): Item {
    return { text: `(?${caseless ? 'i' : ''}:${referenceMark(to)})` }
  }

  #group(options: Options): Item | null {
    const within = { ...options }
    if (this.#pattern[this.#at + 1] === '*') {
      throw this.#problem('a verb such as (*ACCEPT), which JavaScript does not have')
    }
    const named = this.#take(/\((?:\?P?<([A-Za-z_]\w*)>|\?'([A-Za-z_]\w*)')/y)
    if (named !== null) return this.#capture((named[1] ?? named[2])!, within)
    const reference = this.#take(/\(\?P=(\w+)\)/y)
    if (reference !== null) return this.#reference(reference[1]!, options)
    const special = this.#take(/\((\?(?:[:=!>|]|<=|<!))/y)?.[1]
    if (special !== undefined) return this.#special(special, within)
    if (!this.#pattern.startsWith('(?', this.#at)) {
      this.#at++
      return options.unnumbered ? this.#special('?:', within) : this.#capture(null, within)
    }
    const set = this.#take(/\(\?(\^?)([imsxnU]*)(?:-([imsxnU]+))?([):])/y)
    if (set === null) throw this.#problem('a kind of group that JavaScript does not have')
    const [, reset, on, off = '', end] = set
    change(end === ')' ? options : within, reset === '^', on!, off)
    return end === ')' ? null : this.#special('?:', within)
  }

  #capture(name: string | null, options: Options): Item {
    const number = ++this.#groups
    if (name !== null) {
      if (this.#names.has(name)) throw this.#problem('two named subpatterns have the same name')
      this.#names.set(name, number)
    }
    const text = this.#alternatives(options, false)
    this.#close()
    return { text: `(${openMark(number)}${name === null ? '' : `?<${name}>`}${text})` }
  }

  #special(kind: string, options: Options): Item {
    const text = this.#alternatives(options, kind === '?|')
    this.#close()
    if (kind === '?>') return { text: this.#atomic(text) }
    if (kind === '?|' || kind === '?:') return { text: `(?:${text})` }
    return { text: `(${kind}${text})`, assertion: true }
  }

  // An assertion is never gone back into, so what it found stands.
  #atomic(text: string): string {
    const name = `a${++this.#atomics}`
    return `(?:(?=(${openMark(name)}${text}))${referenceMark(name)})`
  }

  #close(): void {
    if (this.#pattern[this.#at] !== ')') throw this.#problem('missing closing parenthesis')
    this.#at++
  }

  // — repeats

  #repeated(item: Item, options: Options): string {
    const { before = '' } = item
    const found = quantifierAt(this.#pattern, this.#at)
    if (found === null) return before + item.text
    this.#at = found.end
    if (found.problem !== null) throw this.#problem(found.problem)
    const text = item.assertion === true ? `(?:${item.text})` : item.text
    if (found.manner === '+') {
      const all = item.set === undefined ? this.#atomic(text + written(found)) : allOf(text, found)
      return before + all
    }
    const lazy = (found.manner === '?') !== options.lazy
    return `${before}${text}${written(found)}${lazy ? '?' : ''}`
  }

  // — reading

  /** What may stand before all else. */
  #startVerbs(): void {
    for (;;) {
      const verb = this.#take(/\(\*(?:(UTF8?)|LF|UCP|NO_[A-Z_]+|LIMIT_[A-Z]+=\d+)\)/y)
      if (verb === null) return
      if (verb[1] !== undefined) this.#utf = true
    }
  }

  #take(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#pattern)
    if (found !== null) this.#at += found[0].length
    return found
  }

  #problem(what: string): PatternProblem {
    const rest = this.#pattern.slice(this.#at)
    return new PatternProblem(rest === '' ? what : `${what} at "${rest}"`)
  }
}
