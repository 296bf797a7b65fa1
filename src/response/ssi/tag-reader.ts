// Finds the commands in a page, however it is cut into pieces: `<!--# name parameter="value" … -->`. Knows no command.

export interface Command {
  readonly kind: 'command'
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** As it stands in the page. */
  readonly written: string
}

export type Found =
  | { readonly kind: 'text'; readonly text: string }
  | Command
  /** Something that began as a command and was none, up to its end; for the error log. */
  | { readonly kind: 'malformed'; readonly problem: string }

const OPEN = '<!--#'
const CLOSE = '-->'
/** Of a name, as nginx has it; and what a command may have of parameters. */
const LONGEST_COMMAND = 32
const LONGEST_PARAMETER = 16
const MOST_PARAMETERS = 16
/** White space between parameters, beside what they are themselves. */
const PADDING = 4096

export class TagReader {
  readonly #longestValue: number
  #rest = ''
  #ended = false
  /** What is wrong: what follows is thrown away, up to the end of the command that it is part of. Null: nothing is. */
  #problem: string | null = null

  /** @param longestValue of a parameter, in bytes (`ssi_value_length`) */
  constructor(longestValue: number) {
    this.#longestValue = longestValue
  }

  /** A piece of the page, as latin1 of its bytes. */
  add(text: string): void {
    this.#rest += text
  }

  /** A text that is read before what is here still. */
  insert(text: string): void {
    this.#rest = text + this.#rest
  }

  /** Nothing follows: what looked like the beginning of a command is text. Returns whether something is left. */
  end(): boolean {
    if (this.#ended) return false
    this.#ended = true
    return this.#rest !== ''
  }

  /** Null: that takes more of the page, or there is no more. */
  next(): Found | null {
    if (this.#problem !== null) return this.#skip()
    const at = this.#rest.indexOf(OPEN)
    if (at === 0) return this.#command()
    const until = at > 0 ? at : this.#rest.length - (this.#ended ? 0 : this.#begun())
    if (until === 0) return null
    const text = this.#rest.slice(0, until)
    this.#rest = this.#rest.slice(until)
    return { kind: 'text', text }
  }

  // Characters at the end that may be the beginning of a command.
  #begun(): number {
    for (let length = Math.min(OPEN.length - 1, this.#rest.length); length > 0; length--)
      if (this.#rest.endsWith(OPEN.slice(0, length))) return length
    return 0
  }

  // Of one that never ends nothing is said in the page either, as with nginx.
  #skip(): Found | null {
    const at = this.#rest.indexOf(CLOSE)
    if (at === -1) {
      this.#rest = this.#ended ? '' : this.#rest.slice(1 - CLOSE.length)
      return null
    }
    this.#rest = this.#rest.slice(at + CLOSE.length)
    const problem = this.#problem!
    this.#problem = null
    return { kind: 'malformed', problem }
  }

  #command(): Found | null {
    const read = readTag(this.#rest, this.#longestValue)
    if (read === 'more') {
      const most = PADDING + MOST_PARAMETERS * (LONGEST_PARAMETER + this.#longestValue)
      // What is no command to its end is no text either, as with nginx.
      if (this.#ended) this.#rest = ''
      return this.#rest.length <= most ? null : this.#malformed('too long SSI command', 0)
    }
    if ('problem' in read) return this.#malformed(read.problem, read.at)
    const written = this.#rest.slice(0, read.end)
    this.#rest = this.#rest.slice(read.end)
    return { kind: 'command', name: read.name, parameters: read.parameters, written }
  }

  #malformed(problem: string, at: number): Found | null {
    this.#rest = this.#rest.slice(at)
    this.#problem = problem
    return this.#skip()
  }
}

type Tag =
  | 'more'
  | { readonly problem: string; readonly at: number }
  | { readonly name: string; readonly parameters: (readonly [string, string])[]; readonly end: number }

const SPACE = /[ \t\r\n]*/y

// Step by step as ngx_http_ssi_parse has it.
function readTag(text: string, longestValue: number): Tag {
  let at = past(text, OPEN.length)
  if (at >= text.length) return 'more'
  const name = take(text, at, /[^ \t\r\n][^ \t\r\n-]*/y)
  if (name.length > LONGEST_COMMAND)
    return { problem: `the "${name.slice(0, 32)}…" SSI command is too long`, at }
  at += name.length
  const parameters: (readonly [string, string])[] = []
  for (;;) {
    at = past(text, at)
    if (at >= text.length) return 'more'
    if (text[at] === '-') return closing(text, at, name, parameters)
    const parameter = take(text, at, /[^ \t\r\n=-]*/y)
    if (parameter.length > LONGEST_PARAMETER)
      return { problem: `too long "${parameter.slice(0, 16)}…" parameter in "${name}" SSI command`, at }
    at = past(text, at + parameter.length)
    if (at >= text.length) return 'more'
    if (text[at] !== '=')
      return unexpected(text, at, `after "${parameter}" parameter in "${name}" SSI command`)
    at = past(text, at + 1)
    if (at >= text.length) return 'more'
    const quote = text[at]!
    if (quote !== '"' && quote !== "'")
      return unexpected(text, at, `before value of "${parameter}" parameter in "${name}" SSI command`)
    const value = valueFrom(text, at + 1, quote, longestValue)
    if (value === 'more') return 'more'
    if ('longAt' in value) {
      const problem = `too long value of "${parameter}" parameter in "${name}" SSI command`
      return { problem, at: value.longAt }
    }
    parameters.push([parameter, value.text])
    at = value.end
    if (at >= text.length) return 'more'
    if (!/[ \t\r\n-]/.test(text[at]!))
      return unexpected(text, at, `after "${parameter}" parameter in "${name}" SSI command`)
  }
}

function closing(text: string, at: number, name: string, parameters: (readonly [string, string])[]): Tag {
  if (text.startsWith(CLOSE, at)) return { name, parameters, end: at + CLOSE.length }
  if (CLOSE.startsWith(text.slice(at, at + CLOSE.length))) return 'more'
  return unexpected(text, at + 1, `in "${name}" SSI command`)
}

// A backslash takes its meaning from the quote behind it.
function valueFrom(
  text: string,
  from: number,
  quote: string,
  longest: number,
): { text: string; end: number } | 'more' | { longAt: number } {
  let value = ''
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return { text: value, end: at + 1 }
    if (text[at] === '\\' && text[at + 1] === quote) at++
    else if (text[at] === '\\' && at + 1 === text.length) return 'more'
    value += text[at]
    if (value.length > longest) return { longAt: at + 1 }
  }
  return 'more'
}

function unexpected(text: string, at: number, where: string): Tag {
  return { problem: `unexpected "${text[at] ?? ''}" symbol ${where}`, at }
}

function past(text: string, from: number): number {
  SPACE.lastIndex = from
  SPACE.exec(text)
  return SPACE.lastIndex
}

function take(text: string, from: number, pattern: RegExp): string {
  pattern.lastIndex = from
  return pattern.exec(text)![0]
}
