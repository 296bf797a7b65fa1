// Parts of one size that an answer is asked for in, and kept in (ngx_http_slice_module): which comes first, what an app is
// asked for it by, and whether what it says is what it was asked for. Pure.

import type { AnswerHead } from './outcome.ts'
import type { Visit } from './visit.ts'

export interface Slice {
  /** Of its first byte; a multiple of the size. */
  readonly start: number
  readonly size: number
}

/** What the client gets, made of slices. */
export interface Sliced {
  readonly size: number
  /** The first of them, and where it ends. */
  readonly start: number
  readonly end: number
  readonly whole: number
  /** All have it, or none has one. */
  readonly etag: string | undefined
  /** The part that the client gets, `to` not included. */
  from: number
  to: number
}

/** The slice that a visit asks for, which is settled with the first question; null: it asks for all. */
export function sliceOf(visit: Visit): Slice | null {
  const { sliceSize: size } = visit.settings
  if (visit.slice !== null || size === 0 || visit.parent !== null || visit.answer !== null) return visit.slice
  const start = firstByte(visit)
  return (visit.slice = { start: start - (start % size), size })
}

/** As `Range` has it (`$slice_range`). */
export function rangeOf({ start, size }: Slice): string {
  return `bytes=${start}-${start + size - 1}`
}

// Of the one range that the client asks for (ngx_http_slice_get_start).
function firstByte({ headers }: Visit): number {
  const range = headers.get('range') ?? ''
  if (headers.has('if-range') || range.length < 7 || range.includes(',')) return 0
  const first = Number(/^bytes= *(\d{1,15})/i.exec(range)?.[1] ?? 0)
  return Number.isSafeInteger(first) ? first : 0
}

/**
 * Where the slice ends that an app has answered with, and the whole.
 * @returns a text: what is wrong with it, in nginx's words
 */
export function readSlice(
  { headers }: AnswerHead,
  { start, size }: Slice,
): { end: number; whole: number } | string {
  const [, first, last, length] =
    /^bytes *(\d{1,15}) *- *(\d{1,15}) *\/ *(\d{1,15}|\*) *$/i.exec(headers.get('content-range') ?? '') ?? []
  if (length === undefined) return 'invalid range in slice response'
  if (length === '*') return 'no complete length in slice response'
  const [from, end, whole] = [Number(first), Number(last) + 1, Number(length)]
  if (from !== start || end !== Math.min(start + size, whole))
    return `unexpected range in slice response: ${from}-${end}`
  return { end, whole }
}
