// Reads what stands in the parentheses of an `if`: a variable, a comparison, a regular expression, or a question about a
// file. Word for word as nginx takes it apart (ngx_http_rewrite_if_condition), and with its messages.

import type { Condition, Script } from './site.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

const FILES = { f: 'file', d: 'directory', e: 'exists', x: 'executable' } as const

/** Null: something was wrong, and is reported. */
export function readCondition(node: DirectiveNode, reading: Reading): Condition | null {
  const words = inParentheses(node.args)
  const found = typeof words === 'string' ? words : conditionOf(words, node)
  if (typeof found !== 'string') return found
  reading.problem(found, node.at)
  return null
}

const invalid = (word: string): string => `invalid condition "${word}"`

// The words without the parentheses, which may stand alone or hold on to a word; or what is wrong.
function inParentheses(args: readonly string[]): readonly string[] | string {
  const words = [...args]
  if (!words[0]!.startsWith('(')) return invalid(words[0]!)
  if (words[0] !== '(') words[0] = words[0]!.slice(1)
  else if (words.length > 1) words.shift()
  const last = words.at(-1)!
  if (!last.endsWith(')')) return invalid(last)
  if (last !== ')') words[words.length - 1] = last.slice(0, -1)
  else if (words.length > 1) words.pop()
  return words
}

function conditionOf(words: readonly string[], { at }: DirectiveNode): Condition | string {
  const [first, operator, other] = words as [string, string?, string?]
  const script = (text: string): Script => ({ text, at })
  if (first.length > 1 && first.startsWith('$')) {
    if (words.length !== 1 && words.length !== 3) return invalid(first)
    const value: Script = /^\$[A-Za-z_]\w*$/.test(first) ? script(first) : { ...script(first), whole: true }
    if (operator === undefined) return { kind: 'true', value }
    if (operator === '=' || operator === '!=')
      return { kind: 'equal', value, other: script(other!), negated: operator === '!=' }
    if (/^!?~\*?$/.test(operator)) {
      return {
        kind: 'match',
        value,
        pattern: other!,
        caseless: operator.endsWith('*'),
        negated: operator.startsWith('!'),
      }
    }
    return `unexpected "${operator}" in condition`
  }
  const [, not, letter] = /^(!?)-(.)$/s.exec(first) ?? []
  const kind = FILES[letter as keyof typeof FILES] as (typeof FILES)[keyof typeof FILES] | undefined
  if (words.length !== 2 || kind === undefined) return invalid(first)
  return { kind, value: script(operator!), negated: not === '!' }
}
