// Texts of the rewrite language with what a regular expression captured in them: escaped anew where nginx does, since the
// URI that it was captured from is decoded (ngx_http_script_copy_capture_code).

import type { Script } from '../config/nginx/site.ts'
import { escapeUri } from '../http1/uri.ts'
import type { Visit } from '../visit.ts'

const NUMBERED = /\$\{?[1-9]/

/** @param escaping where the text is to stand `$1` and the others have to be escaped, if anything ever was */
export function capturedText(visit: Visit, script: Script, escaping: boolean): string {
  if (!escaping || !NUMBERED.test(script.text) || !cameEscaped(visit)) return visit.text(script)
  const { captures } = visit
  const escaped = captures.map(each => (each === undefined ? undefined : escapeUri(each, 'args')))
  visit.captures = escaped
  const text = visit.text(script)
  // A `map` within the text may have matched something else meanwhile: then that is what counts.
  if (visit.captures === escaped) visit.captures = captures
  return text
}

// Whether the request's path came with escapes or a plus sign (nginx's quoted_uri and plus_in_uri).
function cameEscaped({ parent, unparsedUri }: Visit): boolean {
  if (parent !== null) return false
  const mark = unparsedUri.indexOf('?')
  return /[%+]/.test(mark === -1 ? unparsedUri : unparsedUri.slice(0, mark))
}
