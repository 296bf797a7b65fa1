// The options that a regular expression may change within itself, `(?i)` and the like.

/** As they stand at one place. */
export interface Options {
  caseless: boolean
  /** `.` is a line's end, too. */
  lineEnds: boolean
  /** `^` and `$` are at the ends of every line. */
  lines: boolean
  /** White space and what follows a `#` are for the reader only. */
  spaced: boolean
  lazy: boolean
  /** Groups without a name are not remembered. */
  unnumbered: boolean
}

export const NO_OPTIONS: Readonly<Options> = {
  caseless: false,
  lineEnds: false,
  lines: false,
  spaced: false,
  lazy: false,
  unnumbered: false,
}

const LETTERS: Readonly<Record<string, keyof Options>> = {
  i: 'caseless',
  s: 'lineEnds',
  m: 'lines',
  x: 'spaced',
  U: 'lazy',
  n: 'unnumbered',
}

/** `(?on-off)`, from there to the end of the group. @param reset `(?^…)`: the usual ones first */
export function change(options: Options, reset: boolean, on: string, off: string): void {
  if (reset) options.caseless = options.lineEnds = options.lines = options.spaced = options.unnumbered = false
  for (const letter of on) options[LETTERS[letter]!] = true
  for (const letter of off) options[LETTERS[letter]!] = false
}
