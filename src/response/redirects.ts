// Where an app's answers lead, as its client sees it: Location and Refresh by `proxy_redirect`
// (ngx_http_proxy_rewrite_redirect). A path that comes of it is made absolute elsewhere.

import type { CookieReplacement, ProxyRedirect } from '../config/nginx/proxy-rewrites.ts'
import type { Script } from '../config/nginx/site.ts'
import { noteCaptures } from '../script/captures.ts'
import { compilePattern } from '../script/regex.ts'
import type { Visit } from '../visit.ts'

/** The address as the client is to have it; null: no rule is for it. @param from where in the value it begins */
export function rewriteRedirect(visit: Visit, value: string, from = 0): string | null {
  const { proxyRedirects } = visit.settings
  if (proxyRedirects.some(({ kind }) => kind === 'off')) return null
  for (const rule of proxyRedirects) {
    const rewritten = byRule(visit, rule, value.slice(from))
    if (rewritten !== null) return value.slice(0, from) + rewritten
  }
  return null
}

function byRule(visit: Visit, rule: ProxyRedirect, address: string): string | null {
  if (rule.kind === 'text') return replaceStart(address, visit.text(rule.from), () => visit.text(rule.to))
  if (rule.kind === 'regex') {
    return replaceMatch(visit, patternOf(rule, rule.pattern, rule.caseless), address, rule.to)
  }
  return rule.kind === 'usual' ? replaceStart(address, rule.from, () => rule.to) : null
}

function replaceStart(text: string, start: string, to: () => string): string | null {
  return text.startsWith(start) ? to() + text.slice(start.length) : null
}

/** What a regular expression is found in is replaced as a whole. */
export function replaceMatch(visit: Visit, pattern: RegExp, text: string, to: Script): string | null {
  const match = pattern.exec(text)
  if (match === null) return null
  noteCaptures(visit, match)
  return visit.text(to)
}

const compiled = new WeakMap<ProxyRedirect | CookieReplacement | Script, RegExp>()

/** Compiled at its first use; `rule` is what it stands in. */
export function patternOf(
  rule: ProxyRedirect | CookieReplacement | Script,
  pattern: string,
  caseless: boolean,
): RegExp {
  let known = compiled.get(rule)
  if (known === undefined) {
    known = compilePattern(pattern, caseless)
    compiled.set(rule, known)
  }
  return known
}
