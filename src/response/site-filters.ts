// What a site's file has done to every answer on its way out, wherever it came from: nginx's filters in nginx's order, first
// on the head, and then, as one, on the body. Conditional requests are the files' matter; framing is the delivery's.

import type { AnswerHead } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { type BodyFilter, chain } from './body-filter.ts'
import { addFields, hasTrailers, SAFE } from './filters/added-fields.ts'
import { addition } from './filters/addition.ts'
import { sayCharset } from './filters/charset.ts'
import { contentTypeOf } from './filters/content-type.ts'
import { applyExpires } from './filters/expires.ts'
import { compress, decompress } from './filters/gzip.ts'
import { cutRange } from './filters/range.ts'
import { otherSlices } from './filters/slice.ts'
import { includes } from './filters/ssi.ts'
import { substitute } from './filters/sub.ts'
import { giveUserId } from './filters/user-id.ts'
import { reasonOf } from './reasons.ts'

/**
 * Changes the head as the settings that hold for the visit say, and gives what the body must go through; null: it goes as
 * it is, or there is none. To be called once for an answer, when nothing else changes its head any more.
 */
export function filterAnswer(visit: Visit, head: AnswerHead): BodyFilter | null {
  visit.answer = head
  // What came says its type before others may have added one.
  const type = contentTypeOf(head)
  const noContent = head.status === 204 && (!head.passedOn || visit.fixedStatus === 204)
  const untyped = noContent ? head.headers.count('content-type') : 0
  if (SAFE.has(head.status)) applyExpires(visit, head)
  // One that is only added says nothing to `gzip_proxied`.
  const expires = head.headers.get('expires') ?? null
  addFields(visit, head)
  // What has no body has no type, but for one that the file adds to it all the same; and what is added may go by it.
  head.headers.deleteFirst('content-type', untyped)
  if (visit.settings.userid !== 'off') giveUserId(visit, head)
  const gunzip = decompress(visit, head, expires)
  const added = addition(visit, head, type)
  const sub = substitute(visit, head, type)
  const charset = sayCharset(visit, head, type)
  const ssi = includes(visit, head, type)
  const gzip = compress(visit, head, type, expires)
  const range = cutRange(visit, head)
  const slices = otherSlices(visit)
  if (slices !== null) head.rangeable = false
  if ((gunzip.varies || gzip.varies || visit.varies) && visit.settings.gzipVary) varyFirst(head)
  const hasBody = visit.method !== 'HEAD' && head.status >= 200 && head.status !== 204 && head.status !== 304
  const mayChunk = visit.head.minor === 1 && visit.settings.chunkedAnswers
  if (hasBody && mayChunk && hasTrailers(visit, head)) head.trailing = true
  settle(head)
  if (!hasBody) return null
  // A range is one of the bytes as they came; it goes with none of the others but a change of single bytes. What is added
  // has been through the filters of its own place.
  const made = [slices, range, gunzip.filter, sub, charset, ssi, added, gzip.filter]
  return chain(made.filter(each => each !== null).map(make => make()))
}

// nginx says it before what the app, or the file, says of its own (ngx_http_header_filter).
function varyFirst({ headers }: AnswerHead): void {
  const own = headers.all('vary')
  headers.delete('vary')
  for (const value of ['Accept-Encoding', ...own]) headers.add('Vary', value, 'vary')
}

// What the status itself says of the head.
function settle(head: AnswerHead): void {
  if (head.passedOn) return
  if (head.reason === '') head.reason = reasonOf(head.status)
  if (head.status !== 204) return
  head.length = null
  head.headers.delete('last-modified')
}
