// How often an item of a regular expression may stand: reads what PCRE writes behind it, and writes it for JavaScript. What
// is repeated, and atomic groups, are `regex.ts`'s.

const MOST_REPEATS = 65_535

export interface Quantifier {
  readonly from: number
  /** Null: any number. */
  readonly to: number | null
  /** As written behind it: as many as possible; as few (`?`), where the pattern does not say the opposite; all there are (`+`). */
  readonly manner: '' | '?' | '+'
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null
  /** Where the pattern goes on. */
  readonly end: number
}

/** What stands at `at`; null: no quantifier. */
export function quantifierAt(pattern: string, at: number): Quantifier | null {
  const reader = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})([?+]?)/y
  reader.lastIndex = at
  const found = reader.exec(pattern)
  if (found === null) return null
  const [whole, sign, least, comma, most] = found
  const [from, to] = sign === undefined ? boundsOf(least!, comma, most) : SIGNS[sign]!
  const problem =
    from > MOST_REPEATS || (to ?? 0) > MOST_REPEATS
      ? 'number too big in {} quantifier'
      : to !== null && to < from
        ? 'numbers out of order in {} quantifier'
        : null
  return { from, to, manner: found[5] as Quantifier['manner'], problem, end: at + whole.length }
}

type Bounds = readonly [from: number, to: number | null]

const SIGNS: Readonly<Record<string, Bounds>> = { '*': [0, null], '+': [1, null], '?': [0, 1] }

function boundsOf(least: string, comma: string | undefined, most: string | undefined): Bounds {
  if (comma === undefined) return [Number(least), Number(least)]
  return [Number(least), most ? Number(most) : null]
}

/** Behind an item in JavaScript, as many as possible. */
export function written({ from, to }: Pick<Quantifier, 'from' | 'to'>): string {
  const sign = Object.entries(SIGNS).find(([, [least, most]]) => least === from && most === to)
  return sign === undefined ? `{${from},${to ?? ''}}` : sign[0]
}

/**
 * All there are of an item that is one byte of a set, and none given back: which is to say that none follows.
 * @param text the set, in JavaScript
 */
export function allOf(text: string, { from, to }: Pick<Quantifier, 'from' | 'to'>): string {
  if (to === null) return `${text}{${from},}(?!${text})`
  if (to === from) return `${text}{${from}}`
  return `(?:${text}{${to}}|${text}{${from},${to - 1}}(?!${text}))`
}
