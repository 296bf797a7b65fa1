// The line a finished request leaves in the log, as JSON, and its level. One string is put together by hand, as
// this is the hot path: 0.9 µs a line where pino's `info(object)` takes 2.7 for the same fields, and the whole of
// arrival, counters, routes and line 1.5 µs (Node 26; writing it out costs 2 more, in large pieces). What a line
// may hold is listed in fields.ts, and a test holds this writer to that list.

import type { Exchange } from '../exchange.ts'
import { LONGEST, quote } from './quote.ts'

export type RequestLevel = 'info' | 'warn' | 'error'

/** The texts of what is below a tenth of a second, which most phases are: eight of them are in each line. */
const SHORT: readonly string[] = Array.from({ length: 1000 }, (_, t) => String(t / 10))

/** Milliseconds with one decimal. Small integers become text much faster than fractions do. */
export function tenths(ms: number): string {
  if (!(ms < 214_000_000)) return '' + Math.round(ms)
  const t = Math.round(ms * 10) | 0
  if (t >= 0 && t < SHORT.length) return SHORT[t]!
  const whole = (t / 10) | 0
  const rest = t - whole * 10
  return rest === 0 ? '' + whole : whole + '.' + rest
}

/**
 * How loud a finished request is. `error`: a bug in the proxy. `warn`: what the operator answers for, that is
 * a status of 500 and up, or a request that the upstream, the proxy or the wait for a worker ended.
 * `info`: all else, including what clients do to themselves by being malformed, slow, or gone.
 */
export function levelOf(x: Exchange): RequestLevel {
  const failure = x.failure
  if (failure === null) return x.status >= 500 ? 'warn' : 'info'
  if (failure.code === 'internal') return 'error'
  // A status of 500 and up is the app's own, unless the table gives it to the client's fault (501, 505).
  const client = failure.kind.who === 'client'
  if (x.status >= 500 && !(client && x.status === failure.kind.status)) return 'warn'
  return client || failure.code === 'request_timeout' || failure.code === 'send_timeout' ? 'info' : 'warn'
}

/** The `request` line, line end included. `url` is what may be shown of the target. */
export function requestLine(
  x: Exchange,
  time: string,
  level: RequestLevel,
  outcome: string,
  url: string,
): string {
  const t = x.timers
  let line = '{"time":"' + time + '","level":"' + level + '","msg":"request","id":' + quote(x.id, LONGEST.id)
  if (x.ray !== '') line += ',"ray":' + quote(x.ray, LONGEST.ray)
  line += ',"client":' + quote(x.client, LONGEST.client)
  line += ',"method":' + quote(x.method, LONGEST.method)
  line += ',"http_host":' + quote(x.host, LONGEST.host)
  line += ',"url":' + quote(url, LONGEST.url)
  // The outcome is of a closed set and needs no check.
  line +=
    ',"http_version":' + quote(x.version, 8) + ',"status_code":' + x.status + ',"outcome":"' + outcome + '"'
  line += x.upstream === '' ? ',"upstream":null' : ',"upstream":' + quote(x.upstream, LONGEST.upstream)
  line += x.slot < 0 ? ',"slot":null' : ',"slot":' + x.slot
  line += ',"attempts":' + x.attempts + ',"bytes_in":' + x.bytesIn + ',"bytes_out":' + x.bytesOut
  line += ',"spilled":' + x.spilled
  // Of a closed set, too.
  if (x.cache !== '') line += ',"cache":"' + x.cache + '"'
  if (x.serverTiming !== '') line += ',"server_timing":' + quote(x.serverTiming, LONGEST.serverTiming)
  line +=
    ',"timers":{"receive":' + tenths(t.receive) + ',"queue":' + tenths(t.queue) + ',"hold":' + tenths(t.hold)
  line += ',"connect":' + tenths(t.connect) + ',"wait":' + tenths(t.wait) + ',"respond":' + tenths(t.respond)
  line += ',"deliver":' + tenths(t.deliver) + ',"total":' + tenths(x.age()) + '}'
  if (x.failure !== null) {
    line += ',"failure":"' + x.failure.code + '"'
    if (x.failure.detail !== '') line += ',"detail":' + quote(x.failure.detail, LONGEST.detail)
  }
  return line + '}\n'
}
