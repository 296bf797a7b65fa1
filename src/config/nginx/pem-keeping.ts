// How certificates and keys that variables name are kept (`ssl_certificate_cache`, `proxy_ssl_certificate_cache`): the
// words of the directive. Keeps nothing.

import { invalidValue, type Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readTime } from './units.ts'

/** Milliseconds. */
export interface PemKeeping {
  /** Files. */
  readonly most: number
  /** Unused for so long, one is forgotten. */
  readonly inactive: number
  /** For so long nobody looks whether it has changed. */
  readonly valid: number
}

/** `off`, or `max=N [inactive=time] [valid=time]`; undefined: something is wrong, which has been said. */
export function readPemKeeping(node: DirectiveNode, reading: Reading): PemKeeping | null | undefined {
  if (node.args.length === 1 && node.args[0] === 'off') return null
  const keeping = { most: 0, inactive: 10_000, valid: 60_000 }
  for (const each of node.args) {
    const [, name, value = ''] = /^(max|inactive|valid)=(.+)$/.exec(each) ?? []
    const number = name === 'max' ? readCount(value) : readTime(value)
    if (name === undefined || number === null) {
      reading.problem(invalidValue(node, each), node.at)
      return undefined
    }
    keeping[name === 'max' ? 'most' : (name as 'inactive' | 'valid')] = number
  }
  if (keeping.most > 0) return keeping
  reading.problem(`"${node.name}" must have the "max" parameter`, node.at)
  return undefined
}

function readCount(text: string): number | null {
  return /^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : null
}
