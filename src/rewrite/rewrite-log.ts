// What `rewrite_log on` says in the error log about each regular expression and what came of it, in nginx's words.

import type { Visit } from '../visit.ts'

export function logMatch(visit: Visit, pattern: string, subject: string, matches: boolean): void {
  if (visit.settings.rewriteLog)
    notice(visit, `"${pattern}" ${matches ? 'matches' : 'does not match'} "${subject}"`)
}

export function logRewritten(visit: Visit): void {
  if (visit.settings.rewriteLog) notice(visit, `rewritten data: "${visit.uri}", args: "${visit.args}"`)
}

export function logRedirect(visit: Visit, location: string): void {
  if (visit.settings.rewriteLog) notice(visit, `rewritten redirect: "${location}"`)
}

function notice(visit: Visit, message: string): void {
  visit.site.logs.error('notice', message, visit)
}
