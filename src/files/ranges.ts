// Parts of an answer for a client that asks for them (ngx_http_range_filter): one part as it is, several as
// multipart/byteranges. Comes after whatever else changes an answer, since one that is compressed on its way has no
// parts that could be named.

import { randomInt } from 'node:crypto'
import { parseHttpDate } from '../http1/http-date.ts'
import type { AnswerHead, LocalAnswer, Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import { FileBody, type Segment } from './file-body.ts'

interface Range {
  readonly start: number
  /** Before this. */
  readonly end: number
}

/**
 * The answer with what `Range` asks of it, its head changed with it. Where no part of it is asked for that there is, a
 * 416; what was to be its body is closed then. `typed`: the first type in its head is its own, others are added to it.
 */
export function cutToRanges(visit: Visit, answer: LocalAnswer, typed: boolean): Outcome {
  const { head, body } = answer
  const whole: Outcome = { kind: 'answer', answer }
  const { maxRanges } = visit.settings
  const mayCut = body === null || Buffer.isBuffer(body) || body instanceof FileBody
  if (head.status !== 200 || (visit.fixedStatus ?? 200) !== 200) return whole
  if (!head.rangeable || head.length === null || visit.parent !== null) return whole
  if (maxRanges === 0 || !mayCut) return whole
  const wanted = visit.headers.get('range')
  const ranges =
    wanted === undefined || !/^bytes=./i.test(wanted) || !isStill(visit, head)
      ? 'all'
      : readRanges(wanted.slice('bytes='.length), head.length, maxRanges)
  if (ranges === 'all') {
    head.headers.add('Accept-Ranges', 'bytes')
    return whole
  }
  if (ranges === 'none') {
    if (body instanceof FileBody) void body.return()
    return { kind: 'status', status: 416, fields: [['Content-Range', `bytes */${head.length}`]] }
  }
  const size = head.length
  head.status = 206
  head.reason = 'Partial Content'
  const segments =
    ranges.length === 1 ? onePart(head, ranges[0]!, size) : manyParts(head, ranges, size, typed)
  return { kind: 'answer', answer: { head, body: cut(body, segments) } }
}

// If-Range: the parts are of use only where they are parts of what the client has.
function isStill({ headers }: Visit, head: AnswerHead): boolean {
  const condition = headers.get('if-range')
  if (condition === undefined) return true
  if (condition.length >= 2 && condition.endsWith('"')) return condition === head.headers.get('etag')
  const at = parseHttpDate(condition)
  return (
    at !== null &&
    head.lastModified !== null &&
    Math.floor(at / 1000) === Math.floor(head.lastModified / 1000)
  )
}

/** NGX_MAX_OFF_T_VALUE: beyond it nothing is a number. */
const MOST = 2n ** 63n - 1n

/** @returns `all`: the answer as a whole is to be sent; `none`: there is no such part */
function readRanges(text: string, size: number, most: number): Range[] | 'all' | 'none' {
  const ranges: Range[] = []
  let sum = 0
  for (const each of text.split(',')) {
    const [, first, last] = /^ *(\d*) *- *(\d*) *$/.exec(each) ?? []
    // A suffix allows for no space behind its minus.
    if (first === undefined || (first === '' && !/^ *-\d+ *$/.test(each))) return 'none'
    const start = first === '' ? Math.max(0, size - numberOf(last!)) : numberOf(first)
    const end = first === '' || last === '' ? size : Math.min(size, numberOf(last!) + 1)
    if (Number.isNaN(start) || Number.isNaN(end)) return 'none'
    if (start < end) {
      ranges.push({ start, end })
      if (ranges.length > most) return 'all'
      sum += end - start
    } else if (start === 0) return 'all'
  }
  if (ranges.length === 0) return 'none'
  // More than all of it, in parts that overlap, is nothing anybody needs.
  return sum > size ? 'all' : ranges
}

function numberOf(digits: string): number {
  return digits.length > 18 && BigInt(digits) > MOST ? Number.NaN : Number(digits)
}

function onePart(head: AnswerHead, { start, end }: Range, size: number): Segment[] {
  head.headers.set('Content-Range', `bytes ${start}-${end - 1}/${size}`)
  head.length = end - start
  return [{ start, end }]
}

function manyParts(head: AnswerHead, ranges: readonly Range[], size: number, typed: boolean): Segment[] {
  const boundary = digits() + digits()
  const types = head.headers.all('content-type')
  const type = typed ? types.shift() : undefined
  const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`
  const segments = ranges.flatMap(({ start, end }) => {
    const lines = `\r\n--${boundary}\r\n${typeLine}Content-Range: bytes ${start}-${end - 1}/${size}\r\n\r\n`
    return [Buffer.from(lines, 'latin1'), { start, end }]
  })
  segments.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'))
  head.headers.set('Content-Type', `multipart/byteranges; boundary=${boundary}`)
  for (const added of types) head.headers.add('Content-Type', added)
  // Each part has its own; one that an app gave with the whole would speak of none of them (RFC 9110 §14.4).
  head.headers.delete('content-range')
  head.length = segments.reduce(
    (sum, each) => sum + (Buffer.isBuffer(each) ? each.length : each.end - each.start),
    0,
  )
  return segments
}

function digits(): string {
  return String(randomInt(10 ** 10)).padStart(10, '0')
}

function cut(body: LocalAnswer['body'], segments: readonly Segment[]): LocalAnswer['body'] {
  if (body instanceof FileBody) body.cut(segments)
  if (!Buffer.isBuffer(body)) return body
  return Buffer.concat(
    segments.map(each => (Buffer.isBuffer(each) ? each : body.subarray(each.start, each.end))),
  )
}
