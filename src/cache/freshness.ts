// What an app says of how long its answer may be kept, and whether at all (ngx_http_upstream_process_cache_control and its
// neighbours). Pure; knows no file and no clock of its own. Times are whole seconds, as nginx's are.

import type { HeaderList } from '../http1/headers.ts'
import { parseHttpDate } from '../http1/http-date.ts'

export interface Freshness {
  /** False: it says that it is not to be kept, or for no time. */
  readonly mayKeep: boolean
  /** Until when it is good, in seconds since 1970; 0: it does not say. */
  readonly validUntil: number
  /** For so many seconds after that it may be given while it is fetched anew. */
  readonly updatingFor: number
  /** The same where the app fails. */
  readonly errorFor: number
  /** The fields of a request that it depends on, as it names them; empty: none. */
  readonly vary: string
}

interface Reading {
  refused: boolean
  /** What `X-Accel-Expires` takes back. */
  noCache: boolean
  expired: boolean
  accel: boolean
  validUntil: number
  updatingFor: number
  errorFor: number
  vary: string
}

/** Seconds; more is not needed, and would not be exact. */
const FOREVER = 2 ** 40
/** NGX_HTTP_CACHE_VARY_LEN. */
const LONGEST_VARY = 128

type Reader = (reading: Reading, value: string, now: number) => void

/** By the field; each is heard unless `proxy_ignore_headers` names it. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['x-accel-expires', readAccel],
  ['cache-control', readControl],
  ['expires', readExpires],
  ['set-cookie', reading => void (reading.refused = true)],
  ['vary', readVary],
])

/**
 * @param ignored fields that are not listened to, in lower case
 * @param now seconds since 1970
 */
export function readFreshness(headers: HeaderList, ignored: readonly string[], now: number): Freshness {
  const reading: Reading = {
    refused: false,
    noCache: false,
    expired: false,
    accel: false,
    validUntil: 0,
    updatingFor: 0,
    errorFor: 0,
    vary: '',
  }
  const { lower, values, length } = headers
  for (let i = 0; i < length; i++) {
    const read = READERS.get(lower[i]!)
    if (read !== undefined && !ignored.includes(lower[i]!)) read(reading, values[i]!, now)
  }
  const { refused, noCache, expired, validUntil, updatingFor, errorFor, vary } = reading
  return { mayKeep: !refused && !noCache && !expired, validUntil, updatingFor, errorFor, vary }
}

// `@` and a moment, or seconds from now; it wins over the fields that clients are meant to see.
function readAccel(reading: Reading, value: string, now: number): void {
  // Of several the first counts.
  if (reading.accel) return
  reading.accel = true
  const [, at, digits] = /^(@?)(\d{1,15})$/.exec(value) ?? []
  if (digits === undefined) return
  if (at === '' && Number(digits) === 0) {
    reading.refused = true
    return
  }
  reading.validUntil = Number(digits) + (at === '' ? now : 0)
  reading.noCache = false
  reading.expired = false
}

function readControl(reading: Reading, value: string, now: number): void {
  const said = value.toLowerCase()
  if (reading.validUntil === 0 || !reading.accel) {
    if (said.includes('no-cache') || said.includes('no-store') || said.includes('private')) {
      reading.noCache = true
      return
    }
    const age = secondsAfter(said, 's-maxage=') ?? secondsAfter(said, 'max-age=')
    if (age === 'wrong') {
      reading.refused = true
      return
    }
    if (age === 0) {
      reading.noCache = true
      return
    }
    if (age !== null) {
      reading.validUntil = now + age
      reading.expired = false
    }
  }
  const updating = secondsAfter(said, 'stale-while-revalidate=')
  const error = updating === 'wrong' ? null : secondsAfter(said, 'stale-if-error=')
  if (updating === 'wrong' || error === 'wrong') reading.refused = true
  if (typeof updating === 'number') reading.updatingFor = reading.errorFor = updating
  if (typeof error === 'number') reading.errorFor = error
}

// The number behind a word, wherever in the field that stands.
function secondsAfter(said: string, word: string): number | 'wrong' | null {
  const at = said.indexOf(word)
  if (at === -1) return null
  const [text] = /^[^,; ]*/.exec(said.slice(at + word.length))!
  return /^\d*$/.test(text) ? Math.min(Number(text), FOREVER) : 'wrong'
}

function readExpires(reading: Reading, value: string, now: number): void {
  if (reading.validUntil !== 0) return
  const ms = parseHttpDate(value)
  const at = ms === null ? -1 : Math.floor(ms / 1000)
  if (at < now) reading.expired = true
  else reading.validUntil = at
}

// Several fields are one list (RFC 9110 §5.3; nginx since 1.23).
function readVary(reading: Reading, value: string): void {
  reading.vary = reading.vary === '' ? value : `${reading.vary}, ${value}`
  if (reading.vary.length > LONGEST_VARY || value === '*') reading.refused = true
}
