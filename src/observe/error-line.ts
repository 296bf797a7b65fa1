// A line of the error log in nginx's form: time, level, process, connection, message, and what it was about
// (ngx_log_error_core, ngx_http_log_error_handler). Pure.

import type { ErrorLevel } from '../config/nginx/site.ts'
import { protocolOf } from '../http1/request-head.ts'
import type { Visit } from '../visit.ts'

/** From the loudest. */
export const ERROR_LEVELS: readonly ErrorLevel[] = [
  'emerg',
  'alert',
  'crit',
  'error',
  'warn',
  'notice',
  'info',
  'debug',
]

/** NGX_MAX_ERROR_STR, its line end included. */
const LONGEST = 2_048
// What a client sends must not begin a line of its own.
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g

let second = Number.NaN
let time = ''

/** @param at milliseconds since 1970 */
export function errorLine(level: ErrorLevel, message: string, visit: Visit | null, at = Date.now()): string {
  const connection = visit === null ? '' : ` *${visit.connection.number}`
  // As with nginx, what is told in detail is told of a connection, whose other lines say the rest.
  const about = visit === null || level === 'debug' ? '' : aboutOf(visit)
  const text = `${timeOf(at)} [${level}] ${process.pid}#${process.pid}:${connection} ${message}${about}`
  const safe = text.replace(
    CONTROLS,
    each => `\\x${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
  return `${safe.slice(0, LONGEST - 1)}\n`
}

// 2026/11/28 12:00:00, in the zone of the process.
function timeOf(at: number): string {
  const thisSecond = Math.floor(at / 1000)
  if (thisSecond === second) return time
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`
  second = thisSecond
  time = `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return time
}

function aboutOf(visit: Visit): string {
  const { main } = visit
  const { head } = main
  let text = `, client: ${visit.client}, server: ${visit.server.name}`
  text += `, request: "${head.method} ${head.target} ${protocolOf(head)}"`
  if (visit !== main) text += `, subrequest: "${visit.uri}"`
  const upstream = upstreamOf(visit)
  if (upstream !== null) text += `, upstream: "${upstream}"`
  const host = head.headers.get('host')
  if (host !== undefined) text += `, host: "${host}"`
  const referer = head.headers.get('referer')
  if (referer !== undefined) text += `, referrer: "${referer}"`
  return text
}

// The last worker that was tried, and what it was asked for as far as that is known here.
function upstreamOf({ tries, settings, uri, args, uriUnchanged, unparsedUri }: Visit): string | null {
  const last = tries.at(-1)
  if (last === undefined) return null
  const { pass } = settings
  const scheme = pass?.kind === 'group' ? pass.scheme : (pass?.family ?? 'http')
  const target = uriUnchanged ? unparsedUri : uri + (args === '' ? '' : `?${args}`)
  // A socket's path ends with a colon, as where it is written.
  const address = last.address.startsWith('unix:') ? `${last.address}:` : last.address
  return `${scheme}://${address}${target}`
}
