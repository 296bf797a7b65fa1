// What an answer's fields say of its bytes, taken back where the bytes change. Owns no field.

import type { AnswerHead } from '../../outcome.ts'

/** The tag goes on to say that it is the same for a reader, though no longer byte for byte (RFC 9110 §8.8.1). */
export function weakenTag({ headers }: AnswerHead): void {
  const tag = headers.get('etag')
  if (tag === undefined || tag.startsWith('W/')) return
  // What is no tag cannot become one (ngx_http_weak_etag).
  if (tag.startsWith('"')) headers.set('ETag', `W/${tag}`)
  else headers.delete('etag')
}

/** Its bytes are not those that a range would be cut from. */
export function forgetRanges(head: AnswerHead): void {
  head.rangeable = false
  head.headers.delete('accept-ranges')
}
