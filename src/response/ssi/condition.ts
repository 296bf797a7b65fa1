// What an `if` or an `elif` of a page asks: whether a text is empty, is another one, or matches an expression. Decides
// nothing else.

import { compilePattern } from '../../script/regex.ts'
import { matchWithin } from './bounded-match.ts'
import { evaluate, type PageState } from './page-state.ts'

/** Null: it cannot be read, and `problem` is told why. */
export function holds(state: PageState, expression: string, problem: (text: string) => void): boolean | null {
  const invalid = (): null => {
    problem(`invalid expression in "${expression}"`)
    return null
  }
  const [, first, sign = '', right = ''] = /^([\w${}"']*) *(?:(!?=) *(.*))?$/s.exec(expression) ?? []
  // On this side large letters count as small ones, also of a text.
  const left = first === undefined ? null : evaluate(state, first.toLowerCase())
  if (left === null) return invalid()
  if (sign === '') return left !== ''
  const negated = sign === '!='
  if (right.startsWith('/') && right.length > 1) {
    // A dollar is a variable's: what clients send does not become an expression.
    if (!right.endsWith('/') || right.includes('$')) return invalid()
    const matched = match(state, right.slice(1, -1), left, problem)
    return matched === null ? null : matched !== negated
  }
  const other = evaluate(state, right.startsWith('\\/') ? right.slice(1) : right)
  return other === null ? invalid() : (left === other) !== negated
}

function match(
  state: PageState,
  pattern: string,
  text: string,
  problem: (text: string) => void,
): boolean | null {
  let compiled: RegExp
  try {
    compiled = compilePattern(pattern, false)
  } catch (error) {
    problem(error instanceof Error ? error.message : String(error))
    return null
  }
  // Once all of an answer's time is used up no expression is asked any more.
  const found = matchWithin(compiled, text, state.shared)
  if (found === 'late') {
    problem(`the expression "${pattern}" takes too long`)
    return null
  }
  if (found !== null) state.captures = found
  return found !== null
}
