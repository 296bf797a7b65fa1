// The target that a worker is asked for from a place of a site: the URI as it came where nothing has changed it, else
// the location's part of it replaced as `proxy_pass` says (ngx_http_proxy_create_request). Pure.

import { splitScheme } from '../config/nginx/gateway-pass.ts'
import type { Pass, Scheme } from '../config/nginx/modules/proxy.ts'
import { splitTarget } from '../config/nginx/proxy-pass.ts'
import { readUpstreamAddress } from '../config/nginx/upstream-server.ts'
import { escapeUri } from '../http1/uri.ts'
import type { Visit } from '../visit.ts'

export interface Destination {
  readonly scheme: Scheme
  /** `$proxy_host`: a group's name, or an address as written. */
  readonly host: string
  /** Empty where another protocol than HTTP is spoken: parameters tell what is asked for. */
  readonly target: string
}

/** Where this visit is passed on to; a string: what is wrong with an address that was worked out for it (500). */
export function destinationOf(visit: Visit, pass: Pass): Destination | string {
  if (pass.kind === 'group') {
    const { family, scheme, host, uri } = pass
    if (family !== 'http') return { scheme, host, target: '' }
    return { scheme, host, target: targetOf(visit, uri) }
  }
  const url = visit.text(pass.url)
  if (pass.family !== 'http') {
    const { scheme, host } = splitScheme(pass.family, url)
    return wrongWith(host) ?? { scheme, host, target: '' }
  }
  const [, scheme, rest] = /^(https?):\/\/(.+)$/is.exec(url) ?? []
  if (scheme === undefined || rest === undefined) return 'invalid URL prefix in proxy_pass'
  const { host, uri } = splitTarget(rest)
  const wrong = wrongWith(host)
  if (wrong !== null) return wrong
  // With variables the URI is used as it is, in place of the whole one.
  const target = uri === null ? targetOf(visit, null) : encodeURI8(uri)
  return { scheme: scheme.toLowerCase() as Destination['scheme'], host, target }
}

// In nginx's words (ngx_http_proxy_eval).
function wrongWith(host: string): string | null {
  const address = readUpstreamAddress(host, 80)
  return typeof address === 'string' ? `${address} in upstream "${host}"` : null
}

/** @param uri what takes the place of the location's part; null: nothing does */
function targetOf(visit: Visit, uri: string | null): string {
  if (uri === null && visit.uriUnchanged && (visit.parent === null || visit.slice !== null))
    return visit.unparsedUri
  const args = visit.args === '' ? '' : `?${visit.args}`
  const location = visit.location
  // After a `rewrite … break` the URI is not the location's any more, and is used whole.
  const replaced = uri !== null && visit.validLocation && location !== null ? location.path.length : 0
  const rest = visit.uri.slice(replaced)
  const base = uri === null || !visit.validLocation ? '' : uri
  return `${base}${isEscaped(visit) ? escapeUri(rest, 'uri') : rest}${args}`
}

// Nginx escapes what it decoded, and what was made within; a path that came without escapes goes on without
// (`quoted_uri` and `internal`, ngx_http_proxy_create_request).
function isEscaped({ internal, unparsedUri }: Visit): boolean {
  if (internal) return true
  const end = unparsedUri.indexOf('?')
  const sign = unparsedUri.indexOf('%')
  return sign !== -1 && (end === -1 || sign < end)
}

// What cannot stand in a request line, whoever made it.
function encodeURI8(uri: string): string {
  return uri.replace(
    /[\0-\x20\x7f#]/g,
    mark => `%${mark.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  )
}
