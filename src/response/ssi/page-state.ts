// What the commands of a page leave behind for those after them: variables, blocks, the branch of an `if`. Variables and
// blocks are the client's request's, and with them those of every page that is included; the rest is a page's own. Writes
// and asks nothing.

import type { Visit } from '../../visit.ts'

/** What all pages of one answer share. */
export interface Shared {
  readonly variables: Map<string, string>
  readonly blocks: Map<string, string>
  /** Includes so far. */
  includes: number
  /** Characters of blocks that stood for an include so far. */
  stubs: number
  /** Milliseconds that their expressions may still take. */
  patience: number
}

/** Far beyond what honest expressions take, and short enough for all others to wait. */
const PATIENCE_MS = 100

const shared = new WeakMap<Visit, Shared>()

function sharedOf({ main }: Visit): Shared {
  let found = shared.get(main)
  if (found === undefined) {
    found = { variables: new Map(), blocks: new Map(), includes: 0, stubs: 0, patience: PATIENCE_MS }
    shared.set(main, found)
  }
  return found
}

/** Variables and blocks of one answer, at most; and bytes of one of them. */
export const MOST_NAMES = 256
export const LONGEST_TEXT = 64 * 1024

export class PageState {
  readonly visit: Visit
  readonly shared: Shared
  /** What stands now goes out; false: it is in a branch that is not taken, or in a block. */
  output = true
  /** A branch of the `if` under way has been taken. */
  chosen = false
  within: 'nothing' | 'if' | 'else' = 'nothing'
  /** The block that is being written down; null: none is. */
  block: string | null = null
  /** How `echo` escapes, as one of them said last. */
  encoding: 'entity' | 'url' | 'none' = 'entity'
  errorText = '[an error occurred while processing the directive]'
  /** $0 to $9 of the last expression that matched, and its named groups. */
  captures: RegExpExecArray | null = null

  constructor(visit: Visit) {
    this.visit = visit
    this.shared = sharedOf(visit)
  }

  /** Null: nobody has heard of it. @param name in any case */
  variable(name: string): string | null {
    const { visit, captures } = this
    // Those behind the last group that took part are not there.
    if (captures !== null && /^\d$/.test(name))
      return captures.findLastIndex(each => each !== undefined) < Number(name)
        ? null
        : (captures[Number(name)] ?? '')
    const lower = name.toLowerCase()
    const own = captures?.groups?.[name] ?? this.shared.variables.get(lower)
    if (own !== undefined) return own
    try {
      return visit.site.variable(lower)(visit)
    } catch {
      return null
    }
  }

  /** False: there are too many, or it is too long. */
  set(name: string, value: string): boolean {
    const { variables } = this.shared
    const lower = name.toLowerCase()
    if (value.length > LONGEST_TEXT || (variables.size >= MOST_NAMES && !variables.has(lower))) return false
    variables.set(lower, value)
    return true
  }

  /** The same of a block's text, which grows. */
  addToBlock(text: string): boolean {
    const { blocks } = this.shared
    const before = blocks.get(this.block!) ?? ''
    if (before.length + text.length > LONGEST_TEXT) return false
    if (blocks.size >= MOST_NAMES && !blocks.has(this.block!)) return false
    blocks.set(this.block!, before + text)
    return true
  }
}

/**
 * A parameter with its variables' values: `$name`, `${name}`, and `\$` for a dollar.
 * @returns null where it cannot be read
 */
export function evaluate(state: PageState, text: string): string | null {
  if (!text.includes('$')) return text
  let wrong = false
  const value = text.replace(/\\\$|\$(?:\{(\w+)\}|(\w+))?/g, (whole, braced?: string, plain?: string) => {
    if (whole === '\\$') return '$'
    const name = braced ?? plain
    if (name === undefined) wrong = true
    return name === undefined ? '' : (state.variable(name) ?? '')
  })
  return wrong || value.length > LONGEST_TEXT ? null : value
}
