// The directives of one server or location as steps, made ready once: regular expressions compiled, replacements taken
// apart, each `if` with where to go on when it does not hold. Runs nothing.

import type { Settings } from '../config/nginx/settings.ts'
import type { Condition, RewriteOp, Script } from '../config/nginx/site.ts'
import { compilePattern } from '../script/regex.ts'

export type Step =
  | { readonly op: 'set'; readonly variable: string; readonly value: Script }
  | RewriteStep
  | { readonly op: 'return'; readonly status: number; readonly text: Script | null }
  | { readonly op: 'break' }
  | {
      readonly op: 'if'
      readonly condition: Test
      readonly settings: Settings
      /** The step after its block. */
      readonly otherwise: number
    }

export interface RewriteStep {
  readonly op: 'rewrite'
  readonly pattern: RegExp
  /** As written, for the log. */
  readonly written: string
  /** The answer's status where the client is sent there; null: the URI changes. */
  readonly status: number | null
  /** Up to the first question mark; all of it where the client is sent there. */
  readonly path: Script
  /** What follows the question mark; null: there is none. */
  readonly args: Script | null
  /** The request's own args are put behind. */
  readonly keepArgs: boolean
  /** The replacement has a question mark of its own. */
  readonly hasArgs: boolean
  /** The URI is located anew. */
  readonly relocates: boolean
  /** No further step is taken. */
  readonly last: boolean
}

/** A condition whose regular expression is compiled. */
export type Test =
  | Exclude<Condition, { kind: 'match' }>
  | (Omit<Extract<Condition, { kind: 'match' }>, 'pattern'> & {
      readonly pattern: RegExp
      readonly written: string
    })

const programs = new WeakMap<readonly RewriteOp[], readonly Step[]>()

/** @throws Error in words for people where a regular expression cannot be used */
export function programOf(ops: readonly RewriteOp[]): readonly Step[] {
  const known = programs.get(ops)
  if (known !== undefined) return known
  const steps: Step[] = []
  compile(ops, steps)
  programs.set(ops, steps)
  return steps
}

function compile(ops: readonly RewriteOp[], steps: Step[]): void {
  for (const op of ops) {
    if (op.op === 'rewrite') steps.push(rewriteStep(op))
    else if (op.op !== 'if') steps.push(op)
    else {
      // Its block follows it, and only then is known where that ends.
      const at = steps.push({ op: 'break' }) - 1
      compile(op.rewrites, steps)
      const { condition, settings } = op
      steps[at] = { op: 'if', condition: testOf(condition), settings, otherwise: steps.length }
    }
  }
}

function testOf(condition: Condition): Test {
  if (condition.kind !== 'match') return condition
  const { pattern, caseless } = condition
  return { ...condition, pattern: compilePattern(pattern, caseless), written: pattern }
}

/** A replacement that begins so is an address to send the client to. */
const ADDRESS = /^(?:https?:\/\/|\$scheme)/

function rewriteStep({ pattern, replacement, flag }: Extract<RewriteOp, { op: 'rewrite' }>): RewriteStep {
  const { text: whole, at } = replacement
  // A question mark at the very end says that the request's args are not wanted.
  const keepArgs = !whole.endsWith('?')
  const text = keepArgs ? whole : whole.slice(0, -1)
  const mark = text.indexOf('?')
  const status = flag === 'permanent' ? 301 : flag === 'redirect' || ADDRESS.test(text) ? 302 : null
  const script = (part: string): Script => ({ text: part, at })
  const split = status === null && mark !== -1
  return {
    op: 'rewrite',
    pattern: compilePattern(pattern, false),
    written: pattern,
    status,
    path: script(split ? text.slice(0, mark) : text),
    args: split ? script(text.slice(mark + 1)) : null,
    keepArgs,
    hasArgs: mark !== -1,
    relocates: flag !== 'break',
    last: flag !== null || status !== null,
  }
}
