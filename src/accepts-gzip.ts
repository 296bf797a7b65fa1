// Whether a client may be sent an answer that is compressed with gzip: what it says it takes, and what the site's file
// says of its version, of proxies before it and of its kind (ngx_http_gzip_ok). Looks at types and lengths of no answer.

import type { GzipDisable } from './config/nginx/modules/gzip.ts'
import type { HeaderList } from './http1/headers.ts'
import { parseHttpDate } from './http1/http-date.ts'
import { isOldExplorer } from './script/browsers.ts'
import { compilePattern } from './script/regex.ts'
import type { Visit } from './visit.ts'

/**
 * @param answer the fields of the answer as it stands, which `gzip_proxied` may ask for; absent: there are none yet
 * @param expires when it says itself that it expires
 */
export function acceptsGzip(
  visit: Visit,
  answer?: HeaderList,
  expires: string | null = answer?.get('expires') ?? null,
): boolean {
  const { settings, headers } = visit
  // An answer within another one is compressed with it.
  if (visit.parent !== null) return false
  const said = headers.get('accept-encoding')
  if (said === undefined || !namesGzip(said)) return false
  const agent = headers.get('user-agent')
  const { gzipDisable } = settings
  if (settings.gzipVersion === '1.1' && visit.head.minor === 0) return false
  if (headers.has('via') && !mayPassProxies(visit, answer, expires)) return false
  return agent === undefined || gzipDisable.length === 0 || !gzipDisable.some(rule => meets(rule, agent))
}

/**
 * Whether an `Accept-Encoding` names gzip with a weight above zero. nginx's reading, not RFC 9110's: `*` stands for
 * nothing, the first gzip counts, and a weight that is malformed is none. A tab is a space here, as it is in RFC 9110 §5.6.3.
 */
export function namesGzip(said: string): boolean {
  const found = /(?:^|[, \t])gzip/i.exec(said)
  if (found === null) return false
  const rest = said.slice(found.index + found[0].length)
  const [, weight] = /^[ \t]*(?:,|$|;[ \t]*(?:$|q=([^, \t]*)))/i.exec(rest) ?? [undefined, '0']
  if (weight === undefined) return true
  return /^(?:0\.\d{1,3}|1(?:\.0{0,3})?)$/.test(weight) && Number(weight) > 0
}

function mayPassProxies(
  { settings, headers }: Visit,
  answer: HeaderList | undefined,
  expires: string | null,
): boolean {
  const allowed = settings.gzipProxied
  if (allowed.includes('off')) return false
  if (allowed.includes('any')) return true
  if (allowed.includes('auth') && headers.has('authorization')) return true
  if (answer === undefined) return true
  if (expires !== null) return allowed.includes('expired') && isPast(expires, answer.get('date'))
  if (answer.has('cache-control')) {
    const said = answer.all('cache-control').join(',').toLowerCase()
    return ['no-cache', 'no-store', 'private'].some(each => allowed.includes(each) && hasWord(said, each))
  }
  if (allowed.includes('no_last_modified') && answer.has('last-modified')) return false
  return !(allowed.includes('no_etag') && answer.has('etag'))
}

function isPast(expires: string, date: string | undefined): boolean {
  const at = parseHttpDate(expires)
  const now = date === undefined ? Date.now() : parseHttpDate(date)
  return at !== null && now !== null && at < now
}

// A word that stands alone between commas or semicolons.
function hasWord(list: string, word: string): boolean {
  return list.split(/[,;]/).some(each => each.trim() === word)
}

const compiled = new WeakMap<GzipDisable, RegExp>()

function meets(rule: GzipDisable, agent: string): boolean {
  if (rule.kind === 'msie6') return isOldExplorer(agent)
  let pattern = compiled.get(rule)
  if (pattern === undefined) {
    pattern = compilePattern(rule.pattern, rule.caseless)
    compiled.set(rule, pattern)
  }
  return pattern.test(agent)
}
