// The little language of if, set, rewrite, return and break (ngx_http_rewrite_module).

import { readCondition } from '../condition.ts'
import { flag } from '../rows.ts'
import type { RewriteOp, Script } from '../site.ts'
import { type Context, EVERYWHERE, type Level, type Module, type Reading, type Row } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

export interface RewriteSettings {
  /** What becomes of each `rewrite` is a notice in the error log. */
  readonly rewriteLog: boolean
  /** A variable that was never set is warned about when it is used. */
  readonly warnUninitialized: boolean
}

const PLACES: readonly Context[] = ['server', 'location', 'if in server', 'if in location']
const SETTINGS: readonly Context[] = [...EVERYWHERE, 'if in server', 'if in location']

function op(
  name: string,
  args: Row['args'],
  read: (node: DirectiveNode, reading: Reading) => Exclude<RewriteOp, { op: 'if' }> | null,
): Row {
  return {
    name,
    in: PLACES,
    args,
    repeats: true,
    take(node, level, reading) {
      const draft = read(node, reading)
      if (draft !== null) level.rewrites.push(draft)
    },
  }
}

export const rewrite: Module = {
  name: 'ngx_http_rewrite_module',
  rows: [
    {
      name: 'if',
      in: ['server', 'location'],
      args: [1, Number.POSITIVE_INFINITY],
      block: true,
      repeats: true,
      take: takeIf,
    },
    op('set', 2, readSet),
    op('rewrite', [2, 3], readRewrite),
    op('return', [1, 2], readReturn),
    op('break', 0, ({ at }) => ({ op: 'break', at })),
    flag('rewrite_log', SETTINGS, 'rewriteLog'),
    flag('uninitialized_variable_warn', SETTINGS, 'warnUninitialized'),
  ],
  defaults: { rewriteLog: false, warnUninitialized: true },
}

function takeIf(node: DirectiveNode, level: Level, reading: Reading): void {
  const condition = readCondition(node, reading)
  const within = reading.enter(level.context === 'server' ? 'if in server' : 'if in location', node, level)
  reading.walk(node.block ?? [], within)
  if (condition !== null) level.rewrites.push({ op: 'if', condition, level: within, at: node.at })
}

function readSet(node: DirectiveNode, reading: Reading): (RewriteOp & { op: 'set' }) | null {
  const [name, text] = node.args as [string, string]
  if (!name.startsWith('$') || name === '$') {
    reading.problem(`invalid variable name "${name}"`, node.at)
    return null
  }
  // Names of variables have no case.
  const variable = name.slice(1).toLowerCase()
  return { op: 'set', variable, value: { text, at: node.at }, at: node.at }
}

const FLAGS = ['last', 'break', 'redirect', 'permanent'] as const

function readRewrite(node: DirectiveNode, reading: Reading): (RewriteOp & { op: 'rewrite' }) | null {
  const [pattern, text, word] = node.args as [string, string, string?]
  if (text === '') {
    reading.problem('empty replacement', node.at)
    return null
  }
  const flag = FLAGS.find(each => each === word) ?? null
  if (word !== undefined && flag === null) {
    reading.problem(`invalid parameter "${word}"`, node.at)
    return null
  }
  return { op: 'rewrite', pattern, replacement: { text, at: node.at }, flag, at: node.at }
}

/** A replacement, or all of a `return`, that begins so is an address to redirect to. */
const ADDRESS = /^(?:https?:\/\/|\$scheme)/

function readReturn(node: DirectiveNode, reading: Reading): (RewriteOp & { op: 'return' }) | null {
  const { at, args } = node
  const [first, second] = args as [string, string?]
  const script = (text: string): Script => ({ text, at })
  if (second === undefined && ADDRESS.test(first)) {
    return { op: 'return', status: 302, text: script(first), at }
  }
  if (!/^\d+$/.test(first) || Number(first) > 999) {
    reading.problem(`invalid return code "${first}"`, at)
    return null
  }
  return { op: 'return', status: Number(first), text: second === undefined ? null : script(second), at }
}
