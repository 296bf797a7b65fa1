// The names of fields that most messages carry, so that their lower case is one shared string instead of a
// conversion, and comparisons of names are of pointers. Knows no field's meaning; any other name works as well.

const COMMON = [
  'Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials',
  'Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers',
  'Access-Control-Max-Age Access-Control-Request-Headers Access-Control-Request-Method Age Allow Alt-Svc',
  'Authorization Cache-Control CDN-Loop CF-Connecting-IP CF-IPCountry CF-Ray CF-Visitor Connection',
  'Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-Range',
  'Content-Security-Policy Content-Type Cookie Cross-Origin-Opener-Policy Date DNT ETag Expect Expires Forwarded',
  'Host HTTP2-Settings If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive',
  'Last-Modified Link Location Origin Permissions-Policy Pragma Priority Proxy-Authenticate Proxy-Authorization',
  'Proxy-Connection Range Referer Referrer-Policy Retry-After Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform',
  'Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-WebSocket-Accept',
  'Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Server-Timing',
  'Set-Cookie Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent',
  'Vary Via WWW-Authenticate X-Accel-Buffering X-Content-Type-Options X-CSRFToken X-Forwarded-For',
  'X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Frame-Options X-Powered-By X-Real-IP X-Request-Id',
  'X-Request-Start X-Requested-With X-XSS-Protection',
].flatMap(line => line.split(' '))

/** A name as it is often written. */
export interface KnownName {
  readonly name: string
  readonly lower: string
  readonly bytes: Uint8Array
  /** Another one with the same place in the table. */
  readonly next: KnownName | null
}

/** Several times as many places as there are names. */
const PLACES = 2048

const known: (KnownName | null)[] = Array.from({ length: PLACES }, () => null)

for (const common of COMMON) {
  const lower = common.toLowerCase()
  // `Etag`, `Cf-Ray`: the other way that these are commonly written.
  const capitals = lower.replace(/(^|-)[a-z]/g, first => first.toUpperCase())
  for (const name of new Set([common, lower, capitals])) {
    const bytes = Buffer.from(name)
    const place = placeOf(bytes, 0, bytes.length)
    known[place] = { name, lower, bytes, next: known[place] ?? null }
  }
}

// Length, ends and middle tell nearly all of them apart.
function placeOf(buf: Uint8Array, start: number, end: number): number {
  const length = end - start
  return (
    (length * 67 + buf[start]! * 5 + buf[end - 1]! * 31 + buf[start + (length >> 1)]! * 131) & (PLACES - 1)
  )
}

/**
 * The name whose bytes these are, without a string made of them; null: it is not among those known. A Map makes each of
 * its keys a shared string before it looks (2 % of a request).
 */
export function knownName(buf: Uint8Array, start: number, end: number): KnownName | null {
  for (let each = known[placeOf(buf, start, end)] ?? null; each !== null; each = each.next) {
    const { bytes } = each
    if (bytes.length !== end - start) continue
    let same = 0
    while (same < bytes.length && bytes[same] === buf[start + same]) same++
    if (same === bytes.length) return each
  }
  return null
}
