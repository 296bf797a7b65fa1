// Whether a Host value or a target's authority is one: a name or an address, and perhaps a port. Resolves
// nothing and knows no routes.

import { isIPv6 } from 'node:net'

/** Dot-separated labels of unreserved characters (RFC 3986 §2.3), with at most the root's dot at the end. */
const NAME = /^[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*\.?$/
const PORT = /^[0-9]{1,5}$/
/** By far the most common form, in one step. */
const PLAIN = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/

/** The longest name that DNS has (RFC 1035 §2.3.4), and a port. */
const LONGEST = 261

/**
 * True for `uri-host [ ":" port ]` (RFC 9110 §7.2). Stricter than RFC 3986, whose names may hold `,` `;` `$` `(`
 * and percent-encoded bytes: no resolvable name has them, and applications put this value into links and
 * patterns. So are an empty port, port 0, ports past 65535, and zone identifiers refused; user-info is by the
 * grammar.
 */
export function isAuthority(value: string): boolean {
  if (value === lastGood) return true
  if (!check(value)) return false
  lastGood = value
  return true
}

/** The host of an authority as sites are told apart by it: in lower case, without port and the root's dot. */
export function hostOf(authority: string): string {
  const bracket = authority.lastIndexOf(']')
  const colon = authority.indexOf(':', bracket + 1)
  const host = (colon === -1 ? authority : authority.slice(0, colon)).toLowerCase()
  return host.endsWith('.') ? host.slice(0, -1) : host
}

/** A site has few names, and most requests ask for the one before. */
let lastGood = 'localhost'

function check(value: string): boolean {
  if (value.length > LONGEST) return false
  if (PLAIN.test(value)) return true
  if (value.startsWith('[')) {
    const close = value.indexOf(']')
    if (close === -1 || !isPort(value, close + 1)) return false
    const address = value.slice(1, close)
    return !address.includes('%') && isIPv6(address)
  }
  const colon = value.indexOf(':')
  if (colon === -1) return NAME.test(value)
  return isPort(value, colon) && NAME.test(value.slice(0, colon))
}

// Nothing, or a colon and a port, from `at` to the end.
function isPort(value: string, at: number): boolean {
  if (at === value.length) return true
  if (value[at] !== ':') return false
  const port = value.slice(at + 1)
  return PORT.test(port) && Number(port) >= 1 && Number(port) <= 65535
}
