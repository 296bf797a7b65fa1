// An answer from a cache, as one that is made here: with the head that the app gave, through the same rules as when it came
// (ngx_http_upstream_cache_send). Its body is a file's, or lies at hand.

import type { OpenRecord } from '../cache/store.ts'
import { FileBody } from '../files/file-body.ts'
import type { Framing } from '../http1/framing.ts'
import type { AnswerHead, LocalAnswer } from '../outcome.ts'
import { upstreamFields } from '../response/upstream-fields.ts'
import { absoluteLocation } from '../route/absolute-location.ts'
import type { Visit } from '../visit.ts'

/** Takes the file over. */
export function keptAnswer(visit: Visit, file: OpenRecord): LocalAnswer {
  const { record, path, bodyStart, bodyLength, body, descriptor } = file
  const { status, reason, headers, sized, headOnly } = record
  visit.upstreamHead = { status, headers, http: visit.settings.pass?.family === 'http' }
  const framing: Framing = headOnly
    ? { kind: 'none' }
    : sized
      ? { kind: 'length', length: bodyLength }
      : { kind: 'chunked' }
  const { head, relocated } = upstreamFields(visit, { minor: 1, status, reason, headers, bytes: 0 }, framing)
  if (relocated) makeAbsolute(visit, head)
  fromCache(head, 'kept')
  return { head, body: body ?? new FileBody(descriptor, path, bodyLength, bodyStart) }
}

/** The client may have a part of it, or be told that it has it, without the app. */
export function fromCache(head: AnswerHead, how: NonNullable<AnswerHead['cache']>): void {
  head.cache = how
  // Parts are cut here, where the app would have cut them.
  if (!head.headers.has('accept-ranges')) return
  head.headers.delete('accept-ranges')
  head.rangeable = true
}

/** A `Location` that a rule has made a path. */
export function makeAbsolute(visit: Visit, { headers }: AnswerHead): void {
  const location = headers.get('location')
  if (location !== undefined) headers.set('Location', absoluteLocation(visit, location))
}
