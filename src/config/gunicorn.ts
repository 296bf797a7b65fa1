// What gunicorn's words say of its workers, in `$GUNICORN_CMD_ARGS` and after its name in a command. Only what the proxy needs of them; gunicorn itself judges the rest.

import { quote } from './reading.ts'

/** What was found, as written; null where it says nothing. */
export interface GunicornArguments {
  readonly workers: string | null
  readonly threads: string | null
  readonly timeout: string | null
  /** A worker class other than `sync` or `gthread`: one worker then takes many requests, and cannot be counted. */
  readonly otherClass: string | null
}

const NAMES = {
  '-w': 'workers',
  '--workers': 'workers',
  '--threads': 'threads',
  '-t': 'timeout',
  '--timeout': 'timeout',
  '-k': 'class',
  '--worker-class': 'class',
} as const

/** gunicorn's short flags that take a value: what follows one of them is never a flag of its own. */
const SHORT_WITH_VALUE = /^-[cbkwtnDugmep]/

/** Reads words as gunicorn does: `-w 4`, `-w4`, `--workers 4`, `--workers=4`; the last one counts. */
export function readGunicornWords(words: readonly string[]): GunicornArguments {
  const found: Partial<Record<(typeof NAMES)[keyof typeof NAMES], string>> = {}
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const [name, attached] = splitFlag(word)
    const key = Object.hasOwn(NAMES, name) ? NAMES[name as keyof typeof NAMES] : undefined
    if (key === undefined) continue
    const value = attached ?? words[++i]
    if (value !== undefined) found[key] = value
  }
  const kind = found.class ?? 'sync'
  return {
    workers: found.workers ?? null,
    threads: found.threads ?? null,
    timeout: found.timeout ?? null,
    otherClass: /^(sync|gthread|gunicorn\.workers\.(sync|gthread)\..*)$/.test(kind) ? null : kind,
  }
}

function splitFlag(word: string): [name: string, attached: string | null] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=')
    return equals === -1 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)]
  }
  if (word.length > 2 && SHORT_WITH_VALUE.test(word))
    return [word.slice(0, 2), word.slice(2).replace(/^=/, '')]
  return [word, null]
}

/**
 * Splits a line into words by the shell's quoting rules, as Python's `shlex.split` does; without expansion.
 * @throws Error, with a message for people, where a quote is never closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (/\s/.test(c)) {
      if (word !== null) words.push(word)
      word = null
    } else if (c === "'" || c === '"') {
      const end = closing(line, i)
      if (end === -1)
        throw new Error(`has a quote that is never closed, from ${quote(line.slice(i, i + 20))} on`)
      const inner = line.slice(i + 1, end)
      word = (word ?? '') + (c === '"' ? inner.replace(/\\(["\\])/g, '$1') : inner)
      i = end
    } else if (c === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line[++i]!
    } else {
      word = (word ?? '') + c
    }
  }
  if (word !== null) words.push(word)
  return words
}

function closing(line: string, from: number): number {
  const mark = line[from]
  for (let i = from + 1; i < line.length; i++) {
    if (mark === '"' && line[i] === '\\') i++
    else if (line[i] === mark) return i
  }
  return -1
}
