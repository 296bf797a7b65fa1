// Answers compressed with gzip, and those of an app that came so undone for clients that do not take it. Owns the two
// decisions and what they change in the head; the work is zlib's.

import { createGunzip, createGzip } from 'node:zlib'
import { acceptsGzip } from '../../accepts-gzip.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import type { BodyFilter } from '../body-filter.ts'
import { type ContentType, isAmong } from './content-type.ts'
import { forgetRanges, weakenTag } from './entity-tag.ts'
import { ZLIB_PIECE, ZlibFilter } from './zlib-filter.ts'

/** How a decision came out: the filter, where the body is to change, and whether the client's word mattered. */
export interface Decision {
  readonly filter: (() => BodyFilter) | null
  readonly varies: boolean
}

const NO: Decision = { filter: null, varies: false }
const COMPRESSIBLE = new Set([200, 403, 404])

/**
 * Decides, and changes the head; the filter is made where there is a body to compress.
 * @param expires what the answer says of itself, whatever the file adds to it
 */
export function compress(
  visit: Visit,
  head: AnswerHead,
  type: ContentType,
  expires = head.headers.get('expires') ?? null,
): Decision {
  const { settings } = visit
  if (
    !settings.gzip ||
    !COMPRESSIBLE.has(head.status) ||
    (head.headers.get('content-encoding') ?? '') !== '' ||
    (head.length !== null && head.length < settings.gzipMinLength) ||
    !isAmong(type, settings.gzipTypes)
  )
    return NO
  if (!acceptsGzip(visit, head.headers, expires)) return { filter: null, varies: true }
  const length = head.length
  head.headers.set('Content-Encoding', 'gzip')
  head.length = null
  forgetRanges(head)
  weakenTag(head)
  return { filter: () => gzipFilter(visit, length), varies: true }
}

/** The same for what came compressed to a client that does not take it (ngx_http_gunzip_filter_module). */
export function decompress(
  visit: Visit,
  head: AnswerHead,
  expires = head.headers.get('expires') ?? null,
): Decision {
  const codings = visit.settings.gunzip ? codingsOf(head) : []
  if (codings.pop()?.toLowerCase() !== 'gzip') return NO
  if (acceptsGzip(visit, head.headers, expires)) return { filter: null, varies: true }
  head.headers.delete('content-encoding')
  // What was done to it before stays done (RFC 9110 §8.4: in the order in which they were applied).
  if (codings.length > 0) head.headers.add('Content-Encoding', codings.join(','))
  head.length = null
  forgetRanges(head)
  weakenTag(head)
  return { filter: () => new ZlibFilter(createGunzip({ chunkSize: ZLIB_PIECE })), varies: true }
}

function codingsOf({ headers }: AnswerHead): string[] {
  const said = headers.get('content-encoding')
  if (said === undefined) return []
  return headers
    .all('content-encoding')
    .flatMap(value => value.split(','))
    .map(coding => coding.trim())
    .filter(coding => coding !== '')
}

/** Bytes before the compressed ones (RFC 1952 §2.3), where no name or comment is among them. */
const GZIP_HEAD = 10

function gzipFilter(visit: Visit, length: number | null): BodyFilter {
  const { gzipLevel: level } = visit.settings
  const { windowBits, memLevel } = memory(visit, length)
  const stream = createGzip({ level, windowBits, memLevel, chunkSize: ZLIB_PIECE })
  const done = (before: number, after: number) => {
    visit.gzipRatio = after === 0 ? 0 : before / after
  }
  return new ZlibFilter(stream, done, GZIP_HEAD)
}

// As little as a body of this length can use (ngx_http_gzip_filter_memory): a window is 262 bytes smaller than its size.
function memory({ settings }: Visit, length: number | null): { windowBits: number; memLevel: number } {
  let { gzipWindowBits: windowBits, gzipMemLevel: memLevel } = settings
  if (length !== null && length > 0) {
    while (length < 2 ** (windowBits - 1) - 262) {
      windowBits--
      memLevel--
    }
  }
  return { windowBits, memLevel: Math.max(memLevel, 1) }
}
