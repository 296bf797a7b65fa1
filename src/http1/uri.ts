// From a request's target to the URI that a site looks at, and back: percent-decoding, dots and slashes resolved,
// escaping. To the letter as nginx does it (ngx_http_parse_complex_uri, ngx_escape_uri, ngx_unescape_uri of 1.22), since
// which location a request comes to, and whether an attack comes through, hangs on each step. Texts are latin1: a
// character is a byte. Knows no site.

import { HEX } from './characters.ts'

export interface Target {
  /** Decoded and normalised: no `%`, no `/../`, where slashes are merged no `//`. Never empty. */
  readonly uri: string
  /** What stands behind the first question mark, as it came. */
  readonly args: string
  /** The path is as it came. */
  readonly unchanged: boolean
}

const [NUL, HASH, PERCENT, DOT, SLASH, QUESTION] = [0x00, 0x23, 0x25, 0x2e, 0x2f, 0x3f]

/** A path without any of these is its own normal form. */
const ODD = /%|\/[./]/

/**
 * Reads a target in origin form.
 * @param mergeSlashes `//` counts as `/`
 * @returns null where nginx answers 400: no path, a broken escape, `%00`, or `..` above the root
 */
export function normaliseTarget(target: string, mergeSlashes: boolean): Target | null {
  if (target.charCodeAt(0) !== SLASH) return null
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const mark = whole.indexOf('?')
  const path = mark === -1 ? whole : whole.slice(0, mark)
  const args = mark === -1 ? '' : whole.slice(mark + 1)
  if (!ODD.test(path)) return { uri: path, args, unchanged: hash === -1 || mark !== -1 }
  const uri = resolvePath(path, mergeSlashes)
  return uri === null ? null : { uri, args, unchanged: uri === path }
}

/** Since the last slash: nothing yet, one dot, two dots; or something else, after which dots mean nothing. */
const [NOTHING, ONE_DOT, TWO_DOTS, A_NAME] = [0, 1, 2, 3] as const

function resolvePath(path: string, mergeSlashes: boolean): string | null {
  let out = ''
  let since: 0 | 1 | 2 | 3 = A_NAME
  for (let at = 0; at < path.length; at++) {
    let code = path.charCodeAt(at)
    let decoded = false
    if (code === PERCENT) {
      const [high, low] = [HEX[path.charCodeAt(at + 1)] ?? 255, HEX[path.charCodeAt(at + 2)] ?? 255]
      if (high === 255 || low === 255) return null
      code = (high << 4) | low
      if (code === NUL) return null
      at += 2
      decoded = true
    }
    // Once decoded, a slash and a dot are like any other, but these three are mere characters.
    const plain = decoded && (code === PERCENT || code === HASH || code === QUESTION)
    if (code === SLASH && !plain) {
      if (since === ONE_DOT) out = out.slice(0, -1)
      else if (since === TWO_DOTS) {
        const parent = parentOf(out)
        if (parent === null) return null
        out = parent
      } else if (since === A_NAME || !mergeSlashes) out += '/'
      since = NOTHING
      continue
    }
    out += String.fromCharCode(code)
    if (code === DOT && since === NOTHING) since = ONE_DOT
    else if (code === DOT && since === ONE_DOT) since = TWO_DOTS
    else since = A_NAME
  }
  if (since === ONE_DOT) return out.slice(0, -1)
  return since === TWO_DOTS ? parentOf(out) : out
}

// Of `/a/b/..` the folder `/a/`; null: there is none above.
function parentOf(path: string): string | null {
  const end = path.length - 4
  return end < 0 ? null : path.slice(0, path.lastIndexOf('/', end) + 1)
}

/** Cuts a URI at its first question mark, with no further look at it; no mark, no args. */
export function splitArgs(text: string): { uri: string; args: string } {
  const mark = text.indexOf('?')
  return mark === -1 ? { uri: text, args: '' } : { uri: text.slice(0, mark), args: text.slice(mark + 1) }
}

/**
 * Reads a URI that an app or a header names for a redirect within the site (ngx_http_parse_unsafe_uri): cut at the
 * question mark, its path decoded.
 * @returns null where it is not safe: empty, a part that is `..`, or NUL, decoded or not
 */
export function splitUri(text: string): { uri: string; args: string } | null {
  const { uri, args } = splitArgs(text)
  if (uri === '' || isUnsafe(uri)) return null
  if (!uri.includes('%')) return { uri, args }
  const decoded = unescapeUri(uri)
  return isUnsafe(decoded) ? null : { uri: decoded, args }
}

function isUnsafe(path: string): boolean {
  return path.includes('\0') || (path.includes('..') && /(?:^|\/)\.\.(?:\/|$)/.test(path))
}

/** The first argument of that name, in any case, as it came (ngx_http_arg). @param name in lower case */
export function argumentOf(args: string, name: string): string | null {
  if (name === '') return null
  for (let at = 0; at < args.length; ) {
    const next = args.indexOf('&', at)
    const end = next === -1 ? args.length : next
    const equals = at + name.length
    if (args[equals] === '=' && equals < end && args.slice(at, equals).toLowerCase() === name)
      return args.slice(equals + 1, end)
    at = end + 1
  }
  return null
}

export type Escaping = 'uri' | 'args' | 'component' | 'html' | 'refresh'

/** Beside controls, space and bytes from 0x7f up. `component` lets only unreserved characters through. */
const ESCAPED: Readonly<Record<Escaping, RegExp>> = {
  uri: /[\0- "#%<>?\\^`{|}\x7f-\xff]/g,
  args: /[\0- "#%&+;<>?\\^`{|}\x7f-\xff]/g,
  component: /[^A-Za-z0-9._~-]/g,
  html: /[\0- "#%'<>\\^`{|}\x7f-\xff]/g,
  refresh: /[^!#-&(-;=?-[\]_a-z}]/g,
}

/** Percent-encodes what may not stand in this part of a URI, as ngx_escape_uri. */
export function escapeUri(text: string, part: Escaping): string {
  return text.replace(ESCAPED[part], percent)
}

function percent(character: string): string {
  const code = character.charCodeAt(0)
  return (code < 0x10 ? '%0' : '%') + code.toString(16).toUpperCase()
}

/** An escape, or what begins like one. */
const ESCAPE = /%(?:([0-9A-Fa-f])(.?)|(.?))/gs

/** Percent-decodes all of it; of a broken escape, what nginx leaves of it: not the `%`, nor a digit before the break. */
export function unescapeUri(text: string): string {
  return text.includes('%') ? text.replace(ESCAPE, unescapeOne) : text
}

function unescapeOne(_: string, high: string | undefined, low: string, other: string): string {
  if (high === undefined) return other
  const code = HEX[low.charCodeAt(0)] ?? 255
  return code === 255 ? '' : String.fromCharCode(Number.parseInt(high, 16) * 16 + code)
}

/**
 * Decodes for a `Location` what may stand there plainly, up to the first question mark (NGX_UNESCAPE_REDIRECT); the
 * rest, such as `%20` and `%25`, stays escaped.
 */
export function unescapeRedirect(text: string): string {
  if (!text.includes('%')) return text
  const mark = /\?|%3[Ff]/.exec(text)
  const end = mark?.index ?? text.length
  const head = text
    .slice(0, end)
    .replace(ESCAPE, (whole: string, high: string | undefined, low: string, other: string) => {
      const decoded = unescapeOne(whole, high, low, other)
      const stays = high !== undefined && decoded !== '' && !(decoded > '%' && decoded < '\x7f')
      return stays ? whole : decoded
    })
  return mark === null ? head : `${head}?${text.slice(end + mark[0].length)}`
}
