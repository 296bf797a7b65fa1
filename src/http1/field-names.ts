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

const known = new Map<string, string>()
for (const name of COMMON) {
  const lower = name.toLowerCase()
  known.set(lower, lower)
  known.set(name, lower)
  // `Etag`, `X-Request-ID`: the other ways these are commonly written.
  known.set(
    lower.replace(/(^|-)[a-z]/g, first => first.toUpperCase()),
    lower,
  )
}

/** The name in lower case. */
export function lowerName(name: string): string {
  return known.get(name) ?? name.toLowerCase()
}
