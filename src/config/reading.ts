// What reading one value gives: the value, or what would have been right. Knows no option by name.

/** A value that was understood, or the sentence that says what is allowed (`must be …`). */
export type Reading<T> = { readonly value: T } | { readonly allowed: string }

/** One thing wrong with the configuration, for people. */
export interface Problem {
  /** Where it stands: `--workers`, `$SHIELDPROXY_WORKERS`, `$PORT`. */
  readonly where: string
  /** What was written there; empty when nothing was. */
  readonly value: string
  /** What is allowed and what to do, as the rest of a sentence that begins with `where`. */
  readonly allowed: string
}

/** Prints a value that a stranger may have written: quoted, bounded, and without control characters. */
export function quote(value: string): string {
  const short = value.length > 100 ? `${value.slice(0, 100)}…` : value
  const safe = short.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `'${safe}'`
}

/** One line for people: `--workers 'many': must be …`. */
export function describeProblem(problem: Problem): string {
  const value = problem.value === '' ? '' : ` ${quote(problem.value)}`
  return `${problem.where}${value}: ${problem.allowed}`
}
