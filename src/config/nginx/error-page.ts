// A line of `error_page`: which statuses have a page of the site's own, what status its answer has then, and where it is.
// Checks the line; which page an answer comes to, `route/error-page.ts` says.

import type { Script } from './site.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

export interface ErrorPage {
  readonly codes: readonly number[]
  /** The answer's status: as it was, the target's own (`=`), or this one (`=200`). */
  readonly status: 'same' | 'of the page' | number
  /** A URI, `@name`, or an address to redirect to. */
  readonly target: Script
}

/**
 * Codes, then perhaps `=` or `=code`, then the page (ngx_http_core_error_page).
 * @returns none where something is wrong, which was reported
 */
export function readErrorPage(node: DirectiveNode, reading: Reading): ErrorPage[] {
  const args = [...node.args]
  const target: Script = { text: args.pop()!, at: node.at }
  let status: ErrorPage['status'] = 'same'
  const invalid = (value: string): ErrorPage[] => {
    reading.problem(`invalid value "${value}"`, node.at)
    return []
  }
  if (args.at(-1)?.startsWith('=')) {
    const text = args.pop()!
    if (!/^=\d*$/.test(text) || args.length === 0) return invalid(text)
    status = text === '=' ? 'of the page' : Number(text.slice(1))
  }
  const codes = args.map(Number)
  for (const [index, arg] of args.entries()) {
    if (!/^\d+$/.test(arg) || codes[index] === 499) return invalid(arg)
    if (codes[index]! >= 300 && codes[index]! <= 599) continue
    reading.problem(`value "${arg}" must be between 300 and 599`, node.at)
    return []
  }
  return [{ codes, status, target }]
}
