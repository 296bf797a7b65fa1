// What a `return` answers: a text of its own, a redirect, the page of its status, or nothing at all
// (ngx_http_script_return_code, ngx_http_send_response).

import { contentTypeOf } from '../config/nginx/content-type.ts'
import type { Script } from '../config/nginx/site.ts'
import { HeaderList } from '../http1/headers.ts'
import { type Outcome, UNANSWERED } from '../outcome.ts'
import type { Visit } from '../visit.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** @param text null: none was written */
export function returned(visit: Visit, status: number, text: Script | null): Outcome {
  // Below 400 there is an answer, if an empty one; from there on only where there is a text for it.
  if (status >= 400 && (text === null || text.text === '')) {
    return UNANSWERED.has(status) ? { kind: 'close', status } : { kind: 'status', status }
  }
  const headers = new HeaderList()
  const head = {
    status,
    reason: '',
    headers,
    length: 0,
    lastModified: null,
    rangeable: false,
    passedOn: false,
  }
  // The text may speak of it already: $status.
  visit.answer = head
  const body = Buffer.from(text === null ? '' : visit.text(text), 'latin1')
  if (REDIRECTS.has(status)) {
    visit.answer = null
    return { kind: 'redirect', status, location: body.toString('latin1') }
  }
  const type = contentTypeOf(visit.settings, visit.uri)
  if (type !== '') headers.add('Content-Type', type)
  head.length = body.length
  return { kind: 'answer', answer: { head, body } }
}
