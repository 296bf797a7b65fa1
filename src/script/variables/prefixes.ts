// Variables of which there are as many as names: of fields, arguments and cookies.

import type { HeaderList } from '../../http1/headers.ts'
import { argumentOf } from '../../http1/uri.ts'
import type { Variable } from '../../visit.ts'
import { extraOf } from '../proxy-extras.ts'

/** From what stands behind the prefix to the variable. The longer of two prefixes comes first. */
export const prefixVariables: readonly (readonly [prefix: string, variable: (rest: string) => Variable])[] = [
  ['upstream_http_', appsFields],
  ['upstream_cookie_', rest => visit => setCookie(visit.upstreamHead?.headers ?? null, rest)],
  ['upstream_trailer_', fields(visit => visit.upstreamTrailers)],
  ['sent_http_', fields(visit => (visit.answer ?? visit.main.answer)?.headers ?? null)],
  ['sent_trailer_', fields(({ main }) => main.trailers)],
  ['http_', fields(visit => visit.headers)],
  ['arg_', rest => visit => argumentOf(visit.args, rest)],
  ['cookie_', rest => visit => cookie(visit.headers, rest)],
  ['proxy_protocol_tlv_', proxyExtra],
]

function proxyExtra(name: string): Variable {
  const value = extraOf(name)
  return ({ connection: { proxied } }) => (proxied?.extras === undefined ? null : value(proxied.extras))
}

const ofTheApp = fields(visit => visit.upstreamHead?.headers ?? null)

// Where an app names neither itself nor the time, nginx says of both that they are empty (ngx_http_proxy_process_header).
function appsFields(rest: string): Variable {
  const value = ofTheApp(rest)
  if (rest !== 'server' && rest !== 'date') return value
  return visit => value(visit) ?? (visit.upstreamHead?.http === true ? '' : null)
}

type FieldsOf = (visit: Parameters<Variable>[0]) => HeaderList | null

/** Of a field's name with underscores for its hyphens. */
function fields(from: FieldsOf): (rest: string) => Variable {
  return rest => {
    // No name has a hyphen left once they are underscores (ngx_http_variable_unknown_header).
    if (rest.includes('-')) return () => null
    const lower = rest.replaceAll('_', '-')
    // Only where there is one may a field's own underscore be meant.
    const written = lower === rest ? null : rest
    const separator = lower === 'cookie' ? '; ' : ', '
    return visit => {
      const headers = from(visit)
      return headers === null ? null : joined(headers, lower, written, separator)
    }
  }
}

/** All values of that name, joined as nginx joins them since 1.23; null: there is none. */
function joined(
  headers: HeaderList,
  lower: string,
  written: string | null,
  separator: string,
): string | null {
  let found: string | null = null
  for (let at = 0; at < headers.length; at++) {
    const name = headers.lower[at]!
    if (name !== lower && (written === null || name.replaceAll('-', '_') !== written)) continue
    const value = headers.values[at]!
    found = found === null ? value : found + separator + value
  }
  return found
}

/** A field's values as `$http_…` has them. @param lower its name in lower case */
export function fieldValue(headers: HeaderList | null, lower: string): string | null {
  if (headers === null) return null
  return joined(headers, lower, null, lower === 'cookie' ? '; ' : ', ')
}

// ngx_http_parse_multi_header_lines: names in any case; spaces may stand around the name and before the value.
function cookie(headers: HeaderList, name: string): string | null {
  for (let field = 0; field < headers.length; field++) {
    if (headers.lower[field] !== 'cookie') continue
    const found = pairOf(headers.values[field]!, name, true)
    if (found !== null) return found
  }
  return null
}

// ngx_http_parse_set_cookie_lines: the name and the value of each, attributes left aside.
function setCookie(headers: HeaderList | null, name: string): string | null {
  for (const value of headers?.all('set-cookie') ?? []) {
    const found = pairOf(value, name, false)
    if (found !== null) return found
  }
  return null
}

/** The value of `name=value` in a text, in the first pair or in any. */
function pairOf(text: string, name: string, any: boolean): string | null {
  for (let at = 0; at < text.length; ) {
    const semicolon = text.indexOf(';', at)
    const end = semicolon === -1 ? text.length : semicolon
    while (text[at] === ' ') at++
    let equals = at + name.length
    while (text[equals] === ' ') equals++
    if (text[equals] === '=' && equals < end && text.slice(at, at + name.length).toLowerCase() === name) {
      let start = equals + 1
      while (start < end && text[start] === ' ') start++
      return text.slice(start, end)
    }
    if (!any) return null
    at = end + 1
  }
  return null
}
