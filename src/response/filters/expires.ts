// How long an answer may be kept, as `expires` says: the fields Expires and Cache-Control.

import { type Expires, readExpires } from '../../config/nginx/modules/headers.ts'
import type { AnswerHead } from '../../outcome.ts'
import type { Visit } from '../../visit.ts'

/** Of ten years, as nginx has it. */
const MAX_AGE = 315_360_000

/** The end of the year 9999, in seconds since 1970: dates in fields have years of four digits. */
const LATEST = 253_402_300_799

type Timed = Extract<Expires, { seconds: number }>

/** Sets both fields, whatever the app has said (ngx_http_set_expires). */
export function applyExpires(visit: Visit, head: AnswerHead): void {
  const { expires } = visit.settings
  const said =
    expires.kind === 'computed' ? readExpires(visit.text(expires.value), expires.modified) : expires
  if (typeof said === 'string' || said.kind === 'off') return
  const { date, age } = when(said, head)
  // A negative time in the file is past, whatever it counts from; one that was computed is past where it comes to that.
  const past = age < 0 || ('seconds' in expires && expires.seconds < 0)
  head.headers.set('Expires', date)
  head.headers.set('Cache-Control', past ? 'no-cache' : `max-age=${age}`)
}

// The date as a field has it, and the seconds from now to it.
function when(said: Expires, { lastModified }: AnswerHead): { date: string; age: number } {
  if (said.kind === 'max') return { date: 'Thu, 31 Dec 2037 23:55:55 GMT', age: MAX_AGE }
  if (!('seconds' in said)) return { date: 'Thu, 01 Jan 1970 00:00:01 GMT', age: -1 }
  const now = Math.floor(Date.now() / 1000)
  const at = instant(said, now, lastModified === null ? now : Math.floor(lastModified / 1000))
  return { date: new Date(Math.min(at, LATEST) * 1000).toUTCString(), age: at - now }
}

function instant({ kind, seconds }: Timed, now: number, modified: number): number {
  if (kind === 'daily') return nextTime(now, seconds)
  // Zero is now, whatever it counts from.
  return seconds !== 0 && kind === 'modified' ? modified + seconds : now + seconds
}

// When it is so many seconds after midnight next, where the server stands.
function nextTime(now: number, seconds: number): number {
  const at = new Date(now * 1000)
  at.setHours(Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60, 0)
  if (at.getTime() / 1000 <= now) at.setDate(at.getDate() + 1)
  return at.getTime() / 1000
}
