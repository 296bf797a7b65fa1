// Cuts the text of a configuration file into words and the marks between directives, as nginx does (its
// ngx_conf_read_token): quotes only at a word's beginning, `#` only between words, `${` without an end of a word. Knows no
// directive. A text is read as latin1, so that every byte of the file is one character and survives.

import type { At } from './tree.ts'

export type Token =
  /** The words of one directive, and what ended it. */
  | { readonly words: readonly string[]; readonly end: ';' | '{'; readonly line: number }
  | { readonly end: '}' | 'eof'; readonly line: number }

/** What cannot be read any further; its message is nginx's own. */
export class SyntaxProblem extends Error {
  readonly at: At

  constructor(message: string, at: At) {
    super(message)
    this.at = at
  }
}

/** Of Lua: comments and strings, in which braces say nothing; and braces. */
const LUA =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{}]/g

const BYTE_ORDER_MARK = '\xef\xbb\xbf'

/** Where directives stand that were given beside the file (`-g`). */
export const COMMAND_LINE = 'command line'

export class Lexer {
  readonly #file: string
  readonly #text: string
  #at = 0
  #line = 1

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    // nginx stumbles over it; editors on Windows write it.
    if (text.startsWith(BYTE_ORDER_MARK)) this.#at = BYTE_ORDER_MARK.length
  }

  /** The next directive's words, a closing brace, or the end. Throws a SyntaxProblem. */
  next(): Token {
    const words: string[] = []
    let line = this.#line
    for (;;) {
      this.#skipBlank()
      const mark = this.#text[this.#at]
      if (words.length === 0) line = this.#line
      if (mark === undefined) {
        if (words.length > 0) throw this.#problem(this.#endOfText(';'))
        return { end: 'eof', line }
      }
      if (mark === ';' || mark === '{') {
        if (words.length === 0) throw this.#problem(`unexpected "${mark}"`)
        this.#at++
        return { words, end: mark, line }
      }
      if (mark === '}') {
        if (words.length > 0) throw this.#problem('unexpected "}"')
        this.#at++
        return { end: '}', line }
      }
      words.push(mark === '"' || mark === "'" ? this.#quoted(mark) : this.#plain())
    }
  }

  /** Goes past the program within braces of which the first has been read, and past the last: Lua has words of its own. */
  skipProgram(): void {
    let open = 1
    LUA.lastIndex = this.#at
    for (let found = LUA.exec(this.#text); found !== null; found = LUA.exec(this.#text)) {
      if (found[0] === '{') open++
      else if (found[0] === '}' && --open === 0) {
        for (; this.#at < LUA.lastIndex; this.#at++) if (this.#text[this.#at] === '\n') this.#line++
        return
      }
    }
    throw this.#problem(this.#endOfText('}'))
  }

  #skipBlank(): void {
    const text = this.#text
    for (;;) {
      const mark = text[this.#at]
      if (mark === '#') {
        const end = text.indexOf('\n', this.#at)
        this.#at = end === -1 ? text.length : end
      } else if (mark === '\n') {
        this.#line++
        this.#at++
      } else if (mark === ' ' || mark === '\t' || mark === '\r') this.#at++
      else return
    }
  }

  #quoted(quote: string): string {
    const text = this.#text
    const line = this.#line
    let at = this.#at + 1
    for (; text[at] !== quote; at++) {
      if (text[at] === '\n') this.#line++
      if (text[at] === '\\') at++
      if (at >= text.length)
        throw this.#problem(`${this.#endOfText(';')}; the quote that opens in line ${line} is not closed`)
    }
    const word = resolve(text.slice(this.#at + 1, at))
    this.#at = at + 1
    const after = text[this.#at]
    // What may follow a closing quote; a parenthesis begins a word of its own, as in `if ($a = "b")`.
    if (after !== undefined && !' \t\r\n;{)'.includes(after)) throw this.#problem(`unexpected "${after}"`)
    return word
  }

  #plain(): string {
    const text = this.#text
    let at = this.#at
    for (let variable = false; at < text.length; at++) {
      const mark = text[at]!
      if (mark === '{' && variable) continue
      variable = mark === '$'
      if (mark === '\\') at++
      else if (
        mark === ';' ||
        mark === '{' ||
        mark === ' ' ||
        mark === '\t' ||
        mark === '\r' ||
        mark === '\n'
      )
        break
    }
    const word = text.slice(this.#at, at)
    for (const mark of word) if (mark === '\n') this.#line++
    this.#at = Math.min(at, text.length)
    return resolve(word)
  }

  /** In nginx's words. Directives of the command line have no blocks to be closed. */
  #endOfText(expected: ';' | '}'): string {
    if (this.#file === COMMAND_LINE) return 'unexpected end of parameter, expecting ";"'
    return `unexpected end of file, expecting ${expected === ';' ? '";" or "}"' : '"}"'}`
  }

  #problem(message: string): SyntaxProblem {
    return new SyntaxProblem(message, { file: this.#file, line: this.#line })
  }
}

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' }

// Of the escapes only these are nginx's own; any other backslash stays, for a regular expression to read.
function resolve(word: string): string {
  if (!word.includes('\\')) return word
  return word.replace(/\\(["'\\trn])/g, (_, mark: string) => CONTROLS[mark] ?? mark)
}
