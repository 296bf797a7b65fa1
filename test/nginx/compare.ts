// What two servers made of the same request, brought to the form in which they must be the same.

import { gunzipSync } from 'node:zlib'
import { type Answer, readAnswer, value } from '../support/answer.ts'
import type { Reached } from '../support/recording-app.ts'
import type { Result } from './servers.ts'

/** Fields of an answer that say nothing of its content: who, when, and how it is framed. */
const FRAMING = new Set(['date', 'server', 'connection', 'keep-alive', 'transfer-encoding'])
/** Of a request to the app, what goes from connection to connection, and what is this proxy's own. */
const HOP = new Set([
  ...['connection', 'x-request-id', 'content-length', 'transfer-encoding'],
  ...['http_x_request_id', 'remote_port', 'server_software'],
])

export interface Compared {
  status: string
  fields: string[]
  body: string
  /** What came to the app. */
  reached: { line: string; fields: string[]; body: string }[]
}

export function comparable({ answer, moveBack, reached }: Result, method: string): Compared {
  const compared = { status: '', fields: [] as string[], body: '', reached: reached.map(asReached) }
  let rest = Buffer.from(answer, 'latin1')
  for (;;) {
    const read = compared.status.startsWith('101 ') ? null : readAnswer(rest, method, true)
    if (read === null) break
    rest = rest.subarray(read.size)
    // Of interim answers only that they were there.
    compared.status += `${compared.status === '' ? '' : ', '}${read.status} ${read.reason}`
    const now = Date.parse(value(read, 'date') ?? '')
    for (const field of [
      ...read.fields.filter(isContent(method === 'HEAD' || tellsLength(read))),
      ...read.trailers,
    ])
      compared.fields.push(moveBack(asField(field, now)))
    const body = decoded(read.body, value(read, 'content-encoding'))
    compared.body += product(moveBack(body.toString('latin1')))
    if (!read.whole) compared.body += ' (cut)'
  }
  if (rest.length > 0) compared.body += product(moveBack(rest.toString('latin1')))
  compared.fields.sort(byName)
  return withoutBoundary(compared)
}

/** Between several parts stands what nobody else would have written. */
function withoutBoundary(compared: Compared): Compared {
  const boundary = compared.fields.map(field => /byteranges; boundary=(\d+)/.exec(field)?.[1]).find(Boolean)
  if (boundary === undefined) return compared
  const fields = compared.fields.map(field => field.replace(boundary, 'BOUNDARY'))
  return { ...compared, fields, body: compared.body.replaceAll(boundary, 'BOUNDARY') }
}

/** What has not changed tells how long it is; of a `return 304` nginx says 0, which is the length of nothing there. */
function tellsLength(read: Answer): boolean {
  return read.status === 304 && value(read, 'content-length') !== '0'
}

const isContent =
  (bodiless: boolean) =>
  ([name]: [string, string]): boolean => {
    const lower = name.toLowerCase()
    // The body is compared itself; where there is none, its length is all that is said of it.
    return !FRAMING.has(lower) && (lower !== 'content-length' || bodiless)
  }

/** A time is told by how far away it is, to come or gone by, unless it stands for ever or never. */
function asField([name, value]: [string, string], now: number): string {
  const ahead = name.toLowerCase() === 'expires' ? Date.parse(value) - now : Number.NaN
  const near = Math.abs(ahead) < 10 * 365 * 86_400_000
  return `${name.toLowerCase()}: ${near ? `in ${ahead / 1000} s` : value}`
}

/** Whether it may lie in this that a second changed between Expires and Date, on one side: not twice in a row. */
export function mayBeOfTheSecond(said: string): boolean {
  return /\bexpires: in -?\d+ s/.test(said)
}

/** Two compressors need not make the same bytes. */
function decoded(body: Buffer, coding: string | undefined): Buffer {
  return coding === 'gzip' && body.length > 0 ? gunzipSync(body) : body
}

/** Stable, so that fields of one name keep their order. */
function byName(a: string, b: string): number {
  const [first, second] = [a, b].map(field => field.slice(0, field.indexOf(':'))) as [string, string]
  return first < second ? -1 : first > second ? 1 : 0
}

function asReached({ line, fields, body }: Reached): Compared['reached'][number] {
  const kept = fields.filter(field => !HOP.has(field.slice(0, field.indexOf(':')).toLowerCase()))
  return { line, fields: kept.sort(byName), body }
}

/** Names of products, as in the pages of errors. */
function product(text: string): string {
  return text.replace(/\bnginx(?:\/[\d.]+)?(?: \(\w+\))?|\bshieldproxy(?:\/[\d.]+)?/g, 'PRODUCT')
}

/** A log's lines without what no two servers have in common. */
export function comparableLog(text: string): string {
  return text.replace(/\[\d\d\/\w{3}\/\d{4}:[^\]]*\]/g, '[time]').replace(/\b\d+\.\d{3}\b/g, 'SECONDS')
}

/** The lines that only we have, and those that only nginx has. */
export function difference(found: unknown, expected: unknown): string {
  const [ours, theirs] = [found, expected].map(value =>
    typeof value === 'string' ? value.split('\n') : JSON.stringify(value, null, 1).split(/,?\n|\\n/),
  ) as [string[], string[]]
  if (ours.join('\n') === theirs.join('\n')) return ''
  const only = (lines: string[], others: string[], mark: string) =>
    lines.filter(line => !others.includes(line)).map(line => `\n  ${mark} ${line.trim()}`)
  const said = [...only(ours, theirs, '+ ours '), ...only(theirs, ours, '- nginx')].join('')
  return said === '' ? '\n  in another order' : said
}
