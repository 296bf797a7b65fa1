// Numbers of groups: in JavaScript an atomic group costs a number, and groups that share one have their own. A translated
// pattern holds marks where groups open and where they are referred to; here they become numbers.

import { PatternProblem } from './regex-escapes.ts'

// Characters that no file can hold, since each of them is one byte.
const OPEN = '\ue000'
const REFERENCE = '\ue001'

/** Stands behind a group's parenthesis. @param name its number in PCRE, or any name for one that has none there */
export function openMark(name: number | string): string {
  return `${OPEN}${name};`
}

/** Stands for a reference. @param to a number or a name, of a group or of a mark */
export function referenceMark(to: string): string {
  return `${REFERENCE}${to};`
}

/**
 * @param marked in JavaScript but for the marks
 * @param groups how many groups there are in PCRE
 * @throws PatternProblem where a reference leads nowhere
 */
export function numbered(marked: string, groups: number, names: ReadonlyMap<string, number>): RegExp {
  const numbers = new Map<string, number[]>([['0', [0]]])
  let count = 0
  for (const [, name] of marked.matchAll(new RegExp(`${OPEN}([^;]+);`, 'g'))) {
    count++
    numbers.set(name!, [...(numbers.get(name!) ?? []), count])
  }
  const source = marked
    .replaceAll(new RegExp(`${OPEN}[^;]+;`, 'g'), '')
    .replaceAll(new RegExp(`${REFERENCE}([^;]+);`, 'g'), (_, to: string) => {
      const found = numbers.get(String(names.get(to) ?? to))
      if (found === undefined) throw new PatternProblem(`reference to non-existent subpattern ${to}`)
      if (found.length > 1) throw new PatternProblem(`a reference to one of several groups ${to}`)
      return `\\${found[0]}`
    })
  const picks = Array.from({ length: groups + 1 }, (_, n) => numbers.get(String(n)) ?? [])
  const same = count === groups && picks.every((from, n) => from.length === 1 && from[0] === n)
  return same ? new RegExp(source) : new Renumbered(source, picks)
}

/** One whose groups have other numbers in JavaScript than where it was written. */
class Renumbered extends RegExp {
  readonly #picks: readonly (readonly number[])[]

  constructor(source: string, picks: readonly (readonly number[])[]) {
    super(source)
    this.#picks = picks
  }

  override exec(text: string): RegExpExecArray | null {
    const match = super.exec(text)
    if (match === null) return null
    const { index, input, groups } = match
    const values = this.#picks.map(from => match[from.find(n => match[n] !== undefined) ?? -1])
    return Object.assign(values, { index, input, groups }) as RegExpExecArray
  }
}
