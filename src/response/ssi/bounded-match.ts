// Expressions that come with pages, and so from an app, matched within a time: one that would take for ever is given up.
// Knows no page.

import { type Context, createContext, Script } from 'node:vm'

/** What an honest expression takes at most, the clock included: it is not counted. */
const FREE_MS = 0.5
const LONGEST = 16 * 1024

let room: Context | null = null
let script: Script | null = null

/**
 * @param text of which so much is looked at as a head may have
 * @param budget whose `patience` it may take, in milliseconds, and what it takes is taken off
 * @returns `late` where there is none left
 */
export function matchWithin(
  pattern: RegExp,
  text: string,
  budget: { patience: number },
): RegExpExecArray | null | 'late' {
  if (budget.patience < 1) return 'late'
  // V8 looks whether it is to stop while it goes back within an expression, and of a script it can be told when.
  room ??= createContext({ pattern, text })
  script ??= new Script('pattern.exec(text)')
  room.pattern = pattern
  room.text = text.slice(0, LONGEST)
  const began = performance.now()
  try {
    return script.runInContext(room, { timeout: Math.ceil(budget.patience) }) as RegExpExecArray | null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return 'late'
  } finally {
    room.pattern = room.text = null
    budget.patience -= Math.max(0, performance.now() - began - FREE_MS)
  }
}
