// What a regular expression that matched leaves behind for the texts after it: `$1` to `$9`, and its named groups as
// variables. Matches nothing itself.

import type { Visit } from '../visit.ts'

const NONE: readonly (string | undefined)[] = []

/**
 * Keeps what a match captured, as ngx_http_regex_exec does: numbered groups take the place of those before, named ones
 * become variables, empty where the group took no part.
 */
export function noteCaptures(visit: Visit, match: RegExpExecArray): void {
  visit.captures = match
  const { groups } = match
  if (groups === undefined) return
  for (const name in groups) visit.variables.set(name.toLowerCase(), groups[name] ?? '')
}

/** After a `rewrite` or an `if` that did not match, `$1` and the others are empty; named groups stay. */
export function forgetCaptures(visit: Visit): void {
  visit.captures = NONE
}
