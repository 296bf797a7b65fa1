// Expressions that come with pages, and so from an app, matched within a time: one that would take for ever is given up.
// Knows no page.

import { type Context, createContext, Script } from 'node:vm'

/** Far beyond what an honest expression takes for a text of this length, and short enough for all others to wait. */
const WITHIN_MS = 100
const LONGEST = 16 * 1024

let room: Context | null = null
let script: Script | null = null

/** @returns `late` where it took too long @param text of which so much is looked at as a head may have */
export function matchWithin(pattern: RegExp, text: string): RegExpExecArray | null | 'late' {
  // V8 looks whether it is to stop while it goes back within an expression, and of a script it can be told when.
  room ??= createContext({ pattern, text })
  script ??= new Script('pattern.exec(text)')
  room.pattern = pattern
  room.text = text.slice(0, LONGEST)
  try {
    return script.runInContext(room, { timeout: WITHIN_MS }) as RegExpExecArray | null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return 'late'
  } finally {
    room.pattern = room.text = null
  }
}
