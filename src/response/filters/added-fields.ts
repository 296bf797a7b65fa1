// Fields that a file adds to answers, before their bodies and after them (add_header, add_trailer).

import type { AddedField } from '../../config/nginx/modules/headers.ts'
import { HeaderList } from '../../http1/headers.ts'
import { parseHttpDate } from '../../http1/http-date.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'

/** With these a field is added without `always`. */
export const SAFE = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308])

/** What there is only one of: it takes the place of the one that is there, or takes it away where it is empty. */
const SINGLE = new Set(['last-modified', 'etag'])

/** Adds those before the body: without `always` to the statuses only that nginx names (ngx_http_headers_filter). */
export function addFields(visit: Visit, head: AnswerHead): void {
  for (const field of visit.settings.addedFields) {
    if (!field.always && !SAFE.has(head.status)) continue
    const value = textOf(visit, field)
    const lower = field.name.toLowerCase()
    if (SINGLE.has(lower)) setSingle(head, lower, field.name, value)
    else if (value !== '') head.headers.add(field.name, value, lower)
  }
}

function setSingle(head: AnswerHead, lower: string, name: string, value: string): void {
  if (value === '') head.headers.delete(lower)
  else head.headers.set(name, value)
  if (lower === 'last-modified') head.lastModified = value === '' ? null : parseHttpDate(value)
}

/** Whether fields are to follow the body. */
export function hasTrailers({ settings }: Visit, { status }: AnswerHead): boolean {
  return settings.addedTrailers.some(({ always }) => always || SAFE.has(status))
}

/** The fields that follow the body, worked out at its end; null: there are none. */
export function trailersOf(visit: Visit, head: AnswerHead): HeaderList | null {
  if (head.trailing !== true) return null
  const list = new HeaderList()
  // One may tell what those before it said ($sent_trailer_…).
  visit.main.trailers = list
  for (const field of visit.settings.addedTrailers) {
    if (!field.always && !SAFE.has(head.status)) continue
    const value = textOf(visit, field)
    if (value !== '') list.add(field.name, value)
  }
  return list.length === 0 ? null : list
}

// No value ends its line, whatever a variable held: what would is a space.
function textOf(visit: Visit, { value }: AddedField): string {
  return visit.text(value).replace(/[\0\r\n]/g, ' ')
}
