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

/** gunicorn's flags, and the settings that they give (docs.gunicorn.org, settings). */
const NAMES = {
  '-w': 'workers',
  '--workers': 'workers',
  '--threads': 'threads',
  '-t': 'timeout',
  '--timeout': 'timeout',
  '--graceful-timeout': 'graceful_timeout',
  '--keep-alive': 'keepalive',
  '-k': 'worker_class',
  '--worker-class': 'worker_class',
  '-b': 'bind',
  '--bind': 'bind',
  '-c': 'config',
  '--config': 'config',
  '--chdir': 'chdir',
  '--paste': 'paste',
  '--paster': 'paste',
} as const

export type GunicornSetting = (typeof NAMES)[keyof typeof NAMES]

/** gunicorn's short flags that take a value: what follows one of them is never a flag of its own. */
const SHORT_WITH_VALUE = /^-[cbkwtnDugmep]/

/**
 * What words give, as written, read as gunicorn does: `-w 4`, `-w4`, `--workers 4`, `--workers=4`. The last one counts;
 * of addresses all do, with commas between them.
 */
export function gunicornValues(words: readonly string[]): Map<GunicornSetting, string> {
  const found = new Map<GunicornSetting, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const [name, attached] = splitFlag(word)
    const key = Object.hasOwn(NAMES, name) ? NAMES[name as keyof typeof NAMES] : undefined
    if (key === undefined) continue
    const value = attached ?? words[++i]
    if (value === undefined) continue
    const before = key === 'bind' ? found.get(key) : undefined
    found.set(key, before === undefined ? value : `${before},${value}`)
  }
  return found
}

/** Of these values, what says how many requests are taken, and for how long. */
export function readGunicornWords(words: readonly string[]): GunicornArguments {
  const found = gunicornValues(words)
  const kind = found.get('worker_class') ?? 'sync'
  return {
    workers: found.get('workers') ?? null,
    threads: found.get('threads') ?? null,
    timeout: found.get('timeout') ?? null,
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

/** The same of a line that may not be whole: none where a quote goes on in the next one, which the shell can read. */
export function wordsIn(line: string): string[] {
  try {
    return splitWords(line)
  } catch {
    return []
  }
}

function closing(line: string, from: number): number {
  const mark = line[from]
  for (let i = from + 1; i < line.length; i++) {
    if (mark === '"' && line[i] === '\\') i++
    else if (line[i] === mark) return i
  }
  return -1
}
