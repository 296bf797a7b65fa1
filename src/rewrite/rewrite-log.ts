// What `rewrite_log on` says in the error log about each regular expression and what came of it, in nginx's words.

import type { Visit } from '../visit.ts'

/** @param pattern as written */
export function logMatch(visit: Visit, pattern: string, subject: string, matches: boolean): void {
  if (visit.settings.rewriteLog)
    notice(visit, `"${pattern}" ${matches ? 'matches' : 'does not match'} "${subject}"`)
}

/** The URI and its arguments as they are after a `rewrite`. */
export function logRewritten(visit: Visit): void {
  if (visit.settings.rewriteLog) notice(visit, `rewritten data: "${visit.uri}", args: "${visit.args}"`)
}

/** @param location where the client is sent */
export function logRedirect(visit: Visit, location: string): void {
  if (visit.settings.rewriteLog) notice(visit, `rewritten redirect: "${location}"`)
}

function notice(visit: Visit, message: string): void {
  visit.site.logs.error('notice', message, visit)
}
