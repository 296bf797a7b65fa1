// nginx's predicates: texts that say yes unless they come to nothing or to `0` (ngx_http_test_predicates), as in
// `proxy_no_cache`, in `if`, and behind `access_log … if=`. Pure.

import type { Script } from '../config/nginx/site.ts'
import type { Visit } from '../visit.ts'

/** Whether a text that was worked out says yes. */
export function saysYes(text: string): boolean {
  return text !== '' && text !== '0'
}

/** Whether one of them says yes; those after the first that does are not worked out. */
export function anySaysYes(scripts: readonly Script[], visit: Visit): boolean {
  return scripts.some(script => saysYes(visit.text(script)))
}
