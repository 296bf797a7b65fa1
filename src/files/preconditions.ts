// Whether a client wants an answer at all, given what it has already (ngx_http_not_modified_filter). For every answer
// that is made here, not only files; an app decides for itself about its own, but not where a cache asked it in the
// client's place.

import { parseHttpDate } from '../http1/http-date.ts'
import type { AnswerHead } from '../outcome.ts'
import type { Visit } from '../visit.ts'

/**
 * Tests `If-Unmodified-Since`, `If-Match`, `If-Modified-Since` and `If-None-Match`. Where the client has it already
 * (`not modified`) the head is changed into that of a 304, which has no body; `failed` is for a 412. Done twice, it says
 * the same.
 */
export function testPreconditions(visit: Visit, head: AnswerHead): 'passed' | 'not modified' | 'failed' {
  // An error's page is sent to whoever made the error, whatever they have.
  if ((visit.fixedStatus ?? head.status) !== 200 || head.status !== 200) return 'passed'
  if ((head.passedOn && head.cache === undefined) || visit.parent !== null) return 'passed'
  const { headers } = visit
  const etag = head.headers.get('etag')
  const changed = head.lastModified === null ? null : seconds(head.lastModified)
  const unmodifiedSince = headers.get('if-unmodified-since')
  if (unmodifiedSince !== undefined && (changed === null || timeOf(unmodifiedSince) < changed))
    return 'failed'
  const match = headers.get('if-match')
  if (match !== undefined && !names(match, etag, false)) return 'failed'
  const modifiedSince = headers.get('if-modified-since')
  const noneMatch = headers.get('if-none-match')
  if (modifiedSince === undefined && noneMatch === undefined) return 'passed'
  if (modifiedSince !== undefined && isModified(visit, modifiedSince, changed)) return 'passed'
  if (noneMatch !== undefined && !names(noneMatch, etag, true)) return 'passed'
  head.status = 304
  head.reason = 'Not Modified'
  head.length = null
  head.rangeable = false
  head.headers.delete('content-type')
  head.headers.delete('content-encoding')
  return 'not modified'
}

function isModified({ settings }: Visit, since: string, changed: number | null): boolean {
  const rule = settings.ifModifiedSince
  if (changed === null || rule === 'off') return true
  const at = timeOf(since)
  return at !== changed && (rule === 'exact' || at < changed)
}

// Seconds since 1970; what is no time is before all of them.
function timeOf(text: string): number {
  const at = parseHttpDate(text)
  return at === null ? -1 : seconds(at)
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

// Entity tags are compared as they are written; a weak comparison does not look at the mark of weakness.
function names(list: string, etag: string | undefined, weak: boolean): boolean {
  if (list === '*') return true
  if (etag === undefined) return false
  const strip = (tag: string): string => (weak && tag.startsWith('W/') ? tag.slice(2) : tag)
  const wanted = strip(etag)
  return list.split(',').some(each => strip(each.replace(/^[ \t]+|[ \t]+$/g, '')) === wanted)
}
