// The command after `--`: whether it runs gunicorn, and the words gunicorn is given by it. Looks at words alone; starts
// nothing, and reads no file.

import { basename } from 'node:path'
import { wordsIn } from './gunicorn.ts'

const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'zsh'])
/** Where a simple command of a shell ends (POSIX shell, 2.10.2), for a word that stands by itself or ends with it. */
const OPERATOR = /^(?:&&|\|\|?|;|&|\d*[<>].*)$/

/**
 * The words after `gunicorn` in a command, or null when it runs something else. Wrappers before it are passed over
 * (`poetry run gunicorn …`, `env A=b gunicorn …`, `python -m gunicorn …`), and so is a shell (`sh -c 'cd app && gunicorn …'`),
 * whose variables are filled in where a word is nothing but one: `$N`, `${N}`, `${N:-4}`.
 */
export function gunicornWords(command: readonly string[], env: NodeJS.ProcessEnv): string[] | null {
  const script = shellScript(command)
  if (script === null) return after(command)
  // A backslash before the end of a line joins it to the next.
  for (const line of script.replaceAll('\\\n', ' ').split('\n')) {
    const words = after(wordsIn(line))
    if (words !== null) return simpleCommand(words).map(word => filledIn(word, env))
  }
  return null
}

/** What a shell is told to run by `-c`, which may stand with other letters (`-ec`); null when it is no shell. */
function shellScript(command: readonly string[]): string | null {
  if (!SHELLS.has(basename(command[0] ?? ''))) return null
  const flag = command.findIndex(word => /^-[a-z]*c[a-z]*$/.test(word))
  return flag === -1 ? null : (command[flag + 1] ?? null)
}

function after(words: readonly string[]): string[] | null {
  const at = words.findIndex(word => /^gunicorn3?$/.test(basename(word)))
  return at === -1 ? null : words.slice(at + 1)
}

function simpleCommand(words: readonly string[]): string[] {
  const end = words.findIndex(word => OPERATOR.test(word) || /[;&|]$/.test(word))
  if (end === -1) return [...words]
  const last = words[end]!
  return OPERATOR.test(last) ? words.slice(0, end) : [...words.slice(0, end), last.replace(/[;&|]+$/, '')]
}

function filledIn(word: string, env: NodeJS.ProcessEnv): string {
  const [, flag = '', plain, braced, fallback] =
    /^(--[\w-]+=)?\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})$/.exec(word) ?? []
  const name = plain ?? braced
  return name === undefined ? word : flag + (env[name] || (fallback ?? ''))
}
