// What a proxied answer's fields are rewritten by: where it leads, the domain, path and flags of its cookies. Reads the
// lines; `response/` does what they say.

import type { LocationDraft } from './modules/blocks.ts'
import type { Pass } from './modules/proxy.ts'
import type { Script } from './site.ts'
import type { Level, Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

export type ProxyRedirect =
  | { readonly kind: 'off' | 'default' }
  /** What the default came to: of the block that passes on, and of those within, wherever they lead. */
  | { readonly kind: 'usual'; readonly from: string; readonly to: string }
  | { readonly kind: 'text'; readonly from: Script; readonly to: Script }
  | { readonly kind: 'regex'; readonly pattern: string; readonly caseless: boolean; readonly to: Script }

type Fields = Record<string, unknown>

export interface CookieReplacement {
  /** Null: `off`. */
  readonly from: {
    readonly kind: 'text' | 'regex'
    readonly value: Script
    readonly caseless: boolean
  } | null
  readonly to: Script
}

export interface CookieFlags {
  /** The cookie's name; after a tilde, a regular expression for it; `off`: no cookie's. */
  readonly cookie: Script
  readonly flags: readonly Script[]
}

/** `proxy_redirect`: one rule of a line; none where something is wrong, which was reported. */
export function readRedirect(node: DirectiveNode, reading: Reading, level: Level): ProxyRedirect[] {
  const { args, at } = node
  const [from, to] = args as [string, string?]
  const before = (level.own.proxyRedirects as ProxyRedirect[] | undefined) ?? []
  if (
    isSecondWord(
      node,
      before.length,
      before.some(({ kind }) => kind === 'off'),
      reading,
    )
  )
    return []
  if (to === undefined) {
    const wrong = from === 'default' ? defaultProblem(level) : null
    if (wrong === null && (from === 'off' || from === 'default')) return [{ kind: from }]
    reading.problem(wrong ?? `invalid parameter "${from}"`, at)
    return []
  }
  const replacement = { text: to, at }
  if (!from.startsWith('~')) return [{ kind: 'text', from: { text: from, at }, to: replacement }]
  const caseless = from.startsWith('~*')
  return [{ kind: 'regex', pattern: from.slice(caseless ? 2 : 1), caseless, to: replacement }]
}

// It says the same as `proxy_pass`, which must be known (ngx_http_proxy_redirect).
function defaultProblem({ own }: Level): string | null {
  const pass = own.pass as Pass | undefined
  if (pass === undefined || pass.family !== 'http')
    return '"proxy_redirect default" should be placed after the "proxy_pass" directive'
  if (pass.kind === 'group') return null
  return '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables'
}

/**
 * Once it is known where a block passes on, the default is what leads from there to its location
 * (ngx_http_proxy_merge_loc_conf). Where that is computed there is none yet.
 */
export function settleDefault(settings: Fields, own: Fields): void {
  const pass = own.pass as Pass | null | undefined
  if (pass?.family !== 'http' || pass.kind === 'computed') return
  const server = `${pass.scheme}://${pass.host}`
  const { match } = own as LocationDraft
  const usual: ProxyRedirect =
    pass.uri === null
      ? { kind: 'usual', from: `${server}/`, to: '/' }
      : { kind: 'usual', from: `${server}${pass.uri}`, to: match?.path ?? '/' }
  const rules = settings.proxyRedirects as readonly ProxyRedirect[]
  settings.proxyRedirects = rules.map(rule => (rule.kind === 'default' ? usual : rule))
}

// `off` goes with nothing else.
function isSecondWord(
  { name, args, at }: DirectiveNode,
  before: number,
  off: boolean,
  reading: Reading,
): boolean {
  const wrong = off || (before > 0 && args[0] === 'off' && args.length === 1)
  if (wrong) reading.problem(`"${name}" directive is duplicate`, at)
  return wrong
}

/**
 * `proxy_cookie_domain` and `proxy_cookie_path`: one rule of a line; none where something is wrong, which was
 * reported.
 */
export function readCookieReplacement(
  node: DirectiveNode,
  reading: Reading,
  level: Level,
): CookieReplacement[] {
  const { name, args, at } = node
  const [from, to] = args as [string, string?]
  const field = name === 'proxy_cookie_domain' ? 'cookieDomains' : 'cookiePaths'
  const before = (level.own[field] as CookieReplacement[] | undefined) ?? []
  if (
    isSecondWord(
      node,
      before.length,
      before.some(each => each.from === null),
      reading,
    )
  )
    return []
  if (to === undefined) {
    if (from === 'off') return [{ from: null, to: { text: '', at } }]
    reading.problem(`invalid parameter "${from}"`, at)
    return []
  }
  const regex = from.startsWith('~')
  const caseless = from.startsWith('~*')
  const text = regex ? from.slice(caseless ? 2 : 1) : from
  return [{ from: { kind: regex ? 'regex' : 'text', value: { text, at }, caseless }, to: { text: to, at } }]
}

const COOKIE_FLAGS = [
  'secure httponly samesite=strict samesite=lax samesite=none',
  'nosecure nohttponly nosamesite',
].flatMap(line => line.split(' '))

/** `proxy_cookie_flags`: the cookie’s name or its pattern, and what it is given or loses. */
export function readCookieFlags({ args, at }: DirectiveNode, reading: Reading): CookieFlags[] {
  const [cookie, ...flags] = args as [string, ...string[]]
  const wrong = flags.find(flag => !flag.includes('$') && !COOKIE_FLAGS.includes(flag.toLowerCase()))
  // nginx passes over it, and the cookie goes out without what was meant to protect it.
  if (wrong !== undefined)
    reading.problem(`invalid parameter "${wrong}", it must be one of ${COOKIE_FLAGS.join(', ')}`, at)
  else if (flags.length === 0 && cookie !== 'off') reading.problem(`invalid parameter "${cookie}"`, at)
  return [{ cookie: { text: cookie, at }, flags: flags.map(text => ({ text, at })) }]
}
