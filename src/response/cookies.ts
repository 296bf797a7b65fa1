// Cookies that an app sets, as its client sees them: their domain, path and flags by `proxy_cookie_domain`,
// `proxy_cookie_path` and `proxy_cookie_flags` (ngx_http_proxy_rewrite_cookie).

import type { CookieReplacement } from '../config/nginx/proxy-rewrites.ts'
import type { Script } from '../config/nginx/site.ts'
import type { Visit } from '../visit.ts'
import { patternOf, replaceMatch } from './redirects.ts'

/** One part of a cookie between semicolons; the first is the cookie itself. */
interface Attribute {
  readonly key: string
  /** Null: there is no equals sign. */
  value: string | null
}

/** The value of a Set-Cookie: as it came, unless a rule is for it. */
export function rewriteCookie(visit: Visit, cookie: string): string {
  const { cookieDomains, cookiePaths, cookieFlags } = visit.settings
  if (cookieDomains.length + cookiePaths.length + cookieFlags.length === 0) return cookie
  const attributes = cookie.split(';').map(readAttribute)
  // What has no name is no cookie, and stays as it is.
  if (attributes[0]!.value === null) return cookie
  const domain = replaceIn(visit, attributes, 'domain', cookieDomains, byDomain)
  const path = replaceIn(visit, attributes, 'path', cookiePaths, byPath)
  const flagged = withFlags(visit, attributes)
  if (!domain && !path && flagged === null) return cookie
  return (flagged ?? attributes)
    .map(({ key, value }) => (value === null ? key : `${key}=${value}`))
    .join('; ')
}

function readAttribute(text: string): Attribute {
  const part = text.replace(/^ +/, '')
  const equals = part.indexOf('=')
  return equals === -1
    ? { key: part, value: null }
    : { key: part.slice(0, equals), value: part.slice(equals + 1) }
}

type Rule = (visit: Visit, replacement: CookieReplacement, value: string) => string | null

function replaceIn(
  visit: Visit,
  attributes: readonly Attribute[],
  name: string,
  replacements: readonly CookieReplacement[],
  rule: Rule,
): boolean {
  if (replacements.some(({ from }) => from === null)) return false
  let changed = false
  for (const [index, attribute] of attributes.entries()) {
    if (index === 0 || attribute.value === null || attribute.key.toLowerCase() !== name) continue
    for (const replacement of replacements) {
      const value = rule(visit, replacement, attribute.value)
      if (value === null) continue
      attribute.value = value
      changed = true
      break
    }
  }
  return changed
}

// The whole domain, whatever its case and the dot before it.
function byDomain(visit: Visit, replacement: CookieReplacement, value: string): string | null {
  const { from, to } = replacement
  if (from!.kind === 'regex')
    return replaceMatch(visit, patternOf(replacement, from!.value.text, true), value, to)
  const bare = withoutDot(value)
  if (withoutDot(visit.text(from!.value)).toLowerCase() !== bare.toLowerCase()) return null
  return value.slice(0, value.length - bare.length) + withoutDot(visit.text(to))
}

function withoutDot(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain
}

// A path that begins so.
function byPath(visit: Visit, replacement: CookieReplacement, value: string): string | null {
  const { from, to } = replacement
  if (from!.kind === 'regex') {
    return replaceMatch(visit, patternOf(replacement, from!.value.text, from!.caseless), value, to)
  }
  const start = visit.text(from!.value)
  return value.startsWith(start) ? visit.text(to) + value.slice(start.length) : null
}

const SAME_SITE: Readonly<Record<string, string>> = { strict: 'Strict', lax: 'Lax', none: 'None' }

// By the first line that is for this cookie; null: none is.
function withFlags(visit: Visit, attributes: readonly Attribute[]): Attribute[] | null {
  const { cookieFlags } = visit.settings
  const name = attributes[0]!.key
  const line = cookieFlags.find(({ cookie }) => isFor(visit, cookie, name))
  if (line === undefined || line.flags.length === 0) return null
  const flags = new Set(line.flags.map(flag => visit.text(flag).toLowerCase()))
  const sameSite = Object.keys(SAME_SITE).find(each => flags.has(`samesite=${each}`))
  const kept = attributes.filter(({ key }, index) => index === 0 || !flags.has(`no${key.toLowerCase()}`))
  put(kept, 'Secure', flags.has('secure') ? null : undefined)
  put(kept, 'HttpOnly', flags.has('httponly') ? null : undefined)
  put(kept, 'SameSite', sameSite === undefined ? undefined : SAME_SITE[sameSite])
  return kept
}

function isFor(visit: Visit, cookie: Script, name: string): boolean {
  if (cookie.text === 'off') return false
  if (!cookie.text.startsWith('~')) return visit.text(cookie).toLowerCase() === name.toLowerCase()
  return patternOf(cookie, cookie.text.slice(1), true).test(name)
}

// A flag that is there already stays as it was written; undefined: it is not asked for.
function put(attributes: Attribute[], key: string, value: string | null | undefined): void {
  if (value === undefined) return
  const known = attributes.find((each, index) => index > 0 && each.key.toLowerCase() === key.toLowerCase())
  if (known === undefined) attributes.push({ key, value })
  else if (value !== null) known.value = value
}
