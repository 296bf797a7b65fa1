// One range of an answer that an app gave as a whole, for those who ask for it, where `proxy_force_ranges` lets them
// (RFC 9110 §14). Of several nginx makes the whole answer here, and so do we. Files have their own ways.

import { parseHttpDate } from '../../http1/http-date.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'
import { type BodyFilter, PromptFilter } from '../body-filter.ts'
import { statusPage } from '../status-page.ts'

/** Decides, and changes the head: the filter is made where there is a body to filter. */
export function cutRange(visit: Visit, head: AnswerHead): (() => BodyFilter) | null {
  const { length } = head
  if (!head.rangeable || !head.passedOn || head.cache === 'kept') return null
  if (head.status !== 200 || length === null) return null
  if (visit.settings.maxRanges === 0) return null
  const asked = visit.headers.get('range')
  const range = asked === undefined || !stillMeant(visit, head) ? 'all' : readRange(asked, length)
  if (range === 'all') {
    head.headers.add('Accept-Ranges', 'bytes')
    return null
  }
  if (range === 'none') {
    visit.sliced = null
    return refuse(visit, head, length)
  }
  const { from, to } = range
  if (visit.sliced !== null) Object.assign(visit.sliced, { from, to })
  head.status = 206
  head.reason = ''
  head.headers.set('Content-Range', `bytes ${from}-${to - 1}/${length}`)
  head.length = to - from
  // Whoever joins slices leaves out what is not asked for.
  return visit.sliced === null ? () => new Cut(from, to) : null
}

// `If-Range`: whoever has a part of another version wants all of this one (RFC 9110 §13.1.5).
function stillMeant({ headers }: Visit, head: AnswerHead): boolean {
  const condition = headers.get('if-range')
  if (condition === undefined) return true
  if (condition.length >= 2 && condition.endsWith('"')) return condition === head.headers.get('etag')
  return head.lastModified !== null && parseHttpDate(condition) === head.lastModified
}

type Range = { readonly from: number; readonly to: number } | 'all' | 'none'

/** The one range that is asked for, `to` not included; `none`: it lies beyond the end, or cannot be understood. */
export function readRange(asked: string, length: number): Range {
  if (!/^bytes=./i.test(asked)) return 'all'
  const ranges: { from: number; to: number }[] = []
  for (const each of asked.slice('bytes='.length).split(',')) {
    const [, first, last] = /^ *(?:(\d+) *)?- *(\d+)? *$/.exec(each) ?? []
    if (first === undefined && last === undefined) return 'none'
    if (isNoNumber(first) || isNoNumber(last)) return 'none'
    const from = first === undefined ? Math.max(0, length - Number(last)) : Number(first)
    const to = first === undefined || last === undefined ? length : Math.min(length, Number(last) + 1)
    if (from < to) ranges.push({ from, to })
    else if (from === 0) return 'all'
    if (ranges.length > 1) return 'all'
  }
  return ranges[0] ?? 'none'
}

/** NGX_MAX_OFF_T_VALUE: beyond it nothing is a number. */
const MOST = 2n ** 63n - 1n

function isNoNumber(digits: string | undefined): boolean {
  return digits !== undefined && digits.length > 18 && BigInt(digits) > MOST
}

// The page for 416 in place of what came.
function refuse(visit: Visit, head: AnswerHead, length: number): () => BodyFilter {
  const { head: page, body } = statusPage(visit, 416)
  head.status = 416
  head.reason = page.reason
  head.length = page.length
  head.lastModified = null
  for (const name of ['accept-ranges', 'last-modified', 'etag']) head.headers.delete(name)
  head.headers.set('Content-Type', page.headers.get('content-type')!)
  head.headers.set('Content-Range', `bytes */${length}`)
  return () => new Instead(body as Buffer)
}

class Cut extends PromptFilter {
  readonly #from: number
  readonly #to: number
  #at = 0

  constructor(from: number, to: number) {
    super()
    this.#from = from
    this.#to = to
  }

  protected take(piece: Buffer): void {
    this.give(piece.subarray(Math.max(0, this.#from - this.#at), Math.max(0, this.#to - this.#at)))
    this.#at += piece.length
  }
}

class Instead extends PromptFilter {
  readonly #body: Buffer

  constructor(body: Buffer) {
    super()
    this.#body = body
  }

  protected take(): void {}

  protected override finish(): void {
    this.give(this.#body)
  }
}
