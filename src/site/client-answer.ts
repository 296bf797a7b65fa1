// The head that an answer of a site goes out with, and what changes its body: preconditions and parts where it is made
// here, the filters of its place in any case, and how its end is told.

import { cutToRanges, testPreconditions } from '../files/files.ts'
import type { Framing } from '../http1/framing.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { type AnswerHead, type LocalAnswer, letGo, type Outcome } from '../outcome.ts'
import type { BodyFilter } from '../response/body-filter.ts'
import { readContentType } from '../response/filters/content-type.ts'
import { joinSlices } from '../response/filters/slice.ts'
import { reasonOf } from '../response/reasons.ts'
import { filterAnswer } from '../response/site-filters.ts'
import { productName, statusPage } from '../response/status-page.ts'
import { absoluteLocation } from '../route/absolute-location.ts'
import type { Visit } from '../visit.ts'
import { leadOf } from './error-pages.ts'

export interface ClientAnswer {
  readonly head: ResponseHead
  readonly framing: Framing
  readonly filter: BodyFilter | null
}

/** Nothing of an answer goes to the client, but a page of this status. */
export type Unwanted = Extract<Outcome, { kind: 'status' }>

/** A worker's answer; `Unwanted`: it is not for the client. Changes `head` as it goes out; to be called once. */
export function passedOn(visit: Visit, head: AnswerHead): ClientAnswer | Unwanted {
  const detail = joinSlices(visit, head)
  if (detail !== null) return { kind: 'status', status: 502, detail }
  if (head.cache !== undefined && testPreconditions(visit, head) === 'failed')
    return { kind: 'status', status: 412 }
  fixStatus(visit, head)
  const had = head.status
  const filter = filterAnswer(visit, head)
  if (head.status !== 416 || had === 416 || !mayGiveWay(visit, 416)) return framed(visit, head, filter)
  filter?.destroy()
  return { kind: 'status', status: 416, fields: [['Content-Range', head.headers.get('content-range')!]] }
}

/** With the body that goes with it; null: none does. */
type Made = ClientAnswer & Pick<LocalAnswer, 'body'>

/** An answer that is made here; `Unwanted`: it gives way to a page of the file's, and is let go. */
export function madeHere(visit: Visit, answer: LocalAnswer): Made | Unwanted {
  const { head } = answer
  if (joinSlices(visit, head) !== null) return gaveWay(visit, answer, 502) ?? nothingOf(visit, answer, 502)
  const seen = testPreconditions(visit, head)
  if (seen === 'failed') return gaveWay(visit, answer, 412) ?? nothingOf(visit, answer, 412)
  if (seen === 'not modified') void letGo(answer)
  const kept = seen === 'not modified' ? { head, body: null } : answer
  fixStatus(visit, head)
  const ownTypes = head.headers.count('content-type')
  const appsRanges = head.headers.count('accept-ranges')
  const filter = filterAnswer(visit, head)
  const cut = cutToRanges(visit, kept, ownTypes > 0)
  if (cut.kind === 'status') {
    const instead = gaveWay(visit, kept, cut.status, cut.fields)
    if (instead !== null) {
      filter?.destroy()
      return instead
    }
    // What an app said of ranges goes, what `add_header` says of them stays, as with nginx; and so does a type.
    head.headers.deleteFirst('accept-ranges', appsRanges)
    head.headers.deleteFirst('content-type', ownTypes)
    return ourPage(visit, kept, cut.status, cut.fields ?? [])
  }
  const { head: last, body } = cut.kind === 'answer' ? cut.answer : kept
  return { ...framed(visit, last, filter), body }
}

// Who wants another part than there is, or another version, made an error as any other: `error_page` may name it.
function mayGiveWay(visit: Visit, status: number): boolean {
  return visit.parent === null && leadOf(visit, status) !== null
}

function gaveWay(
  visit: Visit,
  answer: LocalAnswer,
  status: number,
  fields: Unwanted['fields'] = [],
): Unwanted | null {
  if (!mayGiveWay(visit, status)) return null
  void letGo(answer)
  return { kind: 'status', status, fields }
}

// Nothing of its head was for this (ngx_http_filter_finalize_request).
function nothingOf(visit: Visit, answer: LocalAnswer, status: number): Made {
  const { headers } = answer.head
  for (const name of new Set(headers.lower)) headers.delete(name)
  return ourPage(visit, answer, status, [])
}

// Another status than the one that the answer was made for: its body is let go.
function ourPage(
  visit: Visit,
  answer: LocalAnswer,
  status: number,
  fields: readonly (readonly [name: string, value: string])[],
): Made {
  void letGo(answer)
  // It is the status for the log as well, whatever `error_page` had said before it (ngx_http_special_response_handler).
  visit.fixedStatus = null
  const page = statusPage(visit, status)
  const { lower, names, values, length } = answer.head.headers
  for (let i = 0; i < length; i++)
    if (!OF_CONTENT.has(lower[i]!)) page.head.headers.add(names[i]!, values[i]!, lower[i]!)
  for (const [name, value] of fields) page.head.headers.add(name, value)
  const filter = filterAnswer(visit, page.head)
  // What `gzip_vary` says is said once, though the filters have seen two answers.
  const [first, second] = page.head.headers.all('vary')
  if (visit.settings.gzipVary && first === 'Accept-Encoding' && second === first)
    page.head.headers.deleteFirst('vary', 1)
  return { ...framed(visit, page.head, filter), body: page.body }
}

/** What an error in its place does not take over: the rest was added for it, and stays, as with nginx. */
const OF_CONTENT = new Set(['content-length', 'content-encoding', 'content-range', 'etag', 'last-modified'])

/** Nor is there anything of it in a 304, of which no part can be asked for (ngx_http_not_modified_header_filter). */
const NOT_OF_304 = new Set([...OF_CONTENT, 'content-type', 'accept-ranges'])

// What an error was, whatever its page says; and the fields that it brought along, of which a 304 tells none of its content.
function fixStatus(visit: Visit, head: AnswerHead): void {
  const { fixedStatus, errorFields, charsetLeft } = visit
  // A page in the place of a 200 may be known to the client as well.
  const known = fixedStatus === 200 && head.status === 304
  if (fixedStatus !== null && !known) {
    head.status = fixedStatus
    head.reason = ''
  }
  for (const [name, value] of errorFields)
    if (head.status !== 304 || !NOT_OF_304.has(name.toLowerCase()))
      bring(head, name, name === 'Location' ? absoluteLocation(visit, value) : value)
  if (charsetLeft !== '') addCharset(head, charsetLeft)
}

// A type that an app gave with `X-Accel-Redirect` is the file's in its place; another app says its own.
function bring(head: AnswerHead, name: string, value: string): void {
  const { headers, passedOn } = head
  const lower = name.toLowerCase()
  if (lower !== 'content-type' && lower !== 'accept-ranges') headers.add(name, value, lower)
  else if (lower === 'content-type' && head.ownType === true) {
    const { charset } = readContentType(value)
    if (charset !== '') addCharset(head, charset)
  } else if (!passedOn || !headers.has(lower)) {
    headers.set(name, value)
    if (lower === 'content-type') head.appsType = true
  }
}

// ngx_http_header_filter adds what r->headers_out.charset still holds of an earlier answer.
function addCharset(head: AnswerHead, charset: string): void {
  const type = readContentType(head.headers.get('content-type') ?? '')
  if (type.text === '' || type.charset !== '') return
  head.headers.replace('content-type', `${type.text}; charset=${charset}`)
  head.appsType = true
}

function framed(
  visit: Visit,
  { headers, status, length: known, reason, trailing, passedOn }: AnswerHead,
  filter: BodyFilter | null,
): ClientAnswer {
  // Only chunks have room for fields behind them.
  const length = trailing === true ? null : known
  // An app whose own `Server` is passed on, and that has none, has none here.
  const appsOwn = passedOn && visit.settings.keepFields.includes('server')
  if (!appsOwn && !headers.has('server')) headers.add('Server', productName(visit))
  headers.delete('content-length')
  headers.delete('transfer-encoding')
  const { exchange, unreadLine } = visit.main
  const headOnly = exchange.method === 'HEAD' || unreadLine.startsWith('HEAD ')
  const bodiless = headOnly || status === 204 || status === 304
  // How long it would be an app may say of what has not changed (RFC 9110 §15.4.5).
  const lasts = status !== 204 && (status !== 304 || passedOn)
  if (length !== null && lasts) headers.add('Content-Length', String(length))
  if (bodiless) filter?.destroy()
  return {
    head: { minor: 1, status, reason: reason === '' ? reasonOf(status) : reason, headers, bytes: 0 },
    framing: bodiless ? { kind: 'none' } : length === null ? { kind: 'chunked' } : { kind: 'length', length },
    filter: bodiless ? null : filter,
  }
}
