// What a pattern in `include` matches, as glob(3) has it: `*`, `?` and `[…]` within one name, and nothing of what shells and
// Node know beside. Reads folders, and no file.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const MAGIC = /[*?[]/

export function isPattern(path: string): boolean {
  return MAGIC.test(path)
}

/** In the order of their names' bytes; none is no problem. @param pattern an absolute path */
export function matchingPaths(pattern: string): string[] {
  let found = ['/']
  for (const part of pattern.split('/').filter(name => name !== '')) {
    const matches = isPattern(part) ? compile(part) : null
    found =
      matches === null
        ? found.map(folder => join(folder, part))
        : found.flatMap(folder =>
            namesIn(folder)
              .filter(matches)
              .map(name => join(folder, name)),
          )
  }
  return found.filter(path => existsSync(path)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // As with glob(3), a folder that cannot be read has nothing in it.
    return []
  }
}

/** A name that begins with a dot is only matched where the pattern says so. */
function compile(part: string): (name: string) => boolean {
  const pieces = part.replace(
    /\\(.)|\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]|[\s\S]/g,
    (mark, escaped, not, set) => {
      if (escaped !== undefined) return literal(escaped)
      if (set !== undefined) return `[${not === '' ? '' : '^'}${classOf(set)}]`
      return mark === '*' ? '.*' : mark === '?' ? '.' : literal(mark)
    },
  )
  const whole = new RegExp(`^${pieces}$`, 'su')
  const dotted = part.startsWith('.')
  return name => (dotted || !name.startsWith('.')) && whole.test(name)
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  xdigit: '0-9A-Fa-f',
}

// A range stays one; all else stands for itself.
function classOf(set: string): string {
  return set.replace(/\[:(\w+):\]|[\\\][^{}()/|&~!#%,.:;<=>@`*+?$"' ]/g, (mark, name) =>
    name === undefined ? literal(mark) : (CLASSES[name] ?? ''),
  )
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
