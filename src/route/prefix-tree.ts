// The longest of many prefixes that a text begins with, or the exact one: a binary tree, and within each prefix another
// for those that are longer (as ngx_http_create_locations_tree builds it). Knows no location.

export interface Prefix {
  readonly path: string
  /** It takes only the very text. */
  readonly exact: boolean
  /** Where the text lacks nothing but the last slash, it is found all the same. */
  readonly slash: boolean
}

export interface Hit<T> {
  readonly place: T | null
  /** `exact`: an exact one. `slash`: one that lacks its last slash. `prefix`: the longest that there is. */
  readonly ending: 'exact' | 'slash' | 'prefix' | 'none'
}

interface Node<T> {
  /** What follows the prefix that it is within. */
  readonly rest: string
  readonly exact: Hit<T> | null
  readonly inclusive: Hit<T> | null
  /** Null: nothing is found here without the last slash. */
  readonly slash: Hit<T> | null
  readonly left: Node<T> | null
  readonly right: Node<T> | null
  /** Longer prefixes. */
  readonly within: Node<T> | null
}

/** One path, and what stands at it. */
interface Entry<T> {
  readonly path: string
  exact: T | null
  inclusive: T | null
  readonly within: Entry<T>[]
}

const SLASH = 0x2f
const NONE: Hit<never> = { place: null, ending: 'none' }

export class PrefixTree<T extends Prefix> {
  readonly #root: Node<T> | null

  /** @param prefixes in any order, of each path at most one that is exact and one that is not */
  constructor(prefixes: readonly T[]) {
    this.#root = build(nest(join(prefixes)), 0)
  }

  find(text: string): Hit<T> {
    let hit: Hit<T> = NONE
    let at = 0
    let node = this.#root
    while (node !== null) {
      const { rest } = node
      const left = text.length - at
      const order = compare(text, at, rest)
      if (order !== 0) node = order < 0 ? node.left : node.right
      else if (left > rest.length) {
        if (node.inclusive === null) {
          node = node.right
          continue
        }
        hit = node.inclusive
        at += rest.length
        node = node.within
      } else if (left === rest.length) return node.exact ?? node.inclusive!
      else {
        if (left + 1 === rest.length && node.slash !== null) hit = node.slash
        node = node.left
      }
    }
    return hit
  }
}

// By as many characters as both have. A negative number: the text comes first. The slash is lower than anything else:
// of all paths that go on after a text, the one that goes on with nothing but a slash is the first.
function compare(text: string, at: number, rest: string): number {
  const length = Math.min(text.length - at, rest.length)
  for (let i = 0; i < length; i++) {
    const a = text.charCodeAt(at + i)
    const b = rest.charCodeAt(i)
    if (a !== b) return a === SLASH ? -1 : b === SLASH ? 1 : a - b
  }
  return 0
}

function join<T extends Prefix>(prefixes: readonly T[]): Entry<T>[] {
  const entries = new Map<string, Entry<T>>()
  for (const prefix of prefixes) {
    const { path } = prefix
    const entry = entries.get(path) ?? { path, exact: null, inclusive: null, within: [] }
    entries.set(path, entry)
    if (prefix.exact) entry.exact = prefix
    else entry.inclusive = prefix
  }
  return [...entries.values()].sort((a, b) => compare(a.path, 0, b.path) || a.path.length - b.path.length)
}

// Into each entry that is a prefix, those that begin with it: they follow it in order.
function nest<T>(entries: readonly Entry<T>[]): Entry<T>[] {
  const top: Entry<T>[] = []
  const around: Entry<T>[] = []
  for (const entry of entries) {
    while (around.length > 0 && !entry.path.startsWith(around.at(-1)!.path)) around.pop()
    const outer = around.at(-1)?.within ?? top
    outer.push(entry)
    if (entry.inclusive !== null) around.push(entry)
  }
  return top
}

function build<T extends Prefix>(entries: readonly Entry<T>[], start: number): Node<T> | null {
  const middle = Math.floor(entries.length / 2)
  const entry = entries[middle]
  if (entry === undefined) return null
  const { path, exact, inclusive } = entry
  const slash = exact?.slash === true || inclusive?.slash === true
  return {
    rest: path.slice(start),
    exact: exact === null ? null : { place: exact, ending: 'exact' },
    inclusive: inclusive === null ? null : { place: inclusive, ending: 'prefix' },
    slash: slash ? { place: exact ?? inclusive, ending: 'slash' } : null,
    left: build(entries.slice(0, middle), start),
    right: build(entries.slice(middle + 1), start),
    within: build(entry.within, path.length),
  }
}
