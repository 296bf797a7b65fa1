// Which `error_page` a status has, and where it leads (ngx_http_send_error_page). Decides nothing else: whether another
// error page may be made at all, and going there, are the corridor's.

import { splitArgs } from '../http1/uri.ts'
import type { Visit } from '../visit.ts'

/** `status` is what the client is told; null: what the page itself answers. */
export type ErrorLead =
  /** To be located anew, with these args in the place of the request's. A HEAD stays one, any other method becomes GET. */
  | { readonly kind: 'jump'; readonly uri: string; readonly args: string; readonly status: number | null }
  /** To a named location, with the request as it is. */
  | { readonly kind: 'named'; readonly name: string; readonly status: number | null }
  /** The client itself is sent there. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status: number }

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** By the first line in force that names this status; null: none does, and the page is ours to make. */
export function errorPageFor(visit: Visit, status: number): ErrorLead | null {
  const page = visit.settings.errorPages.find(({ codes }) => codes.includes(status))
  if (page === undefined) return null
  const told = page.status === 'same' ? shown(status) : page.status === 'of the page' ? null : page.status
  // While this is worked out `$status` is what the client is to be told, or the error's own (`/pages/$status.html`).
  visit.fixedStatus = page.status === 'same' ? status : told
  const target = visit.text(page.target)
  visit.fixedStatus = null
  if (target.startsWith('/')) return { kind: 'jump', ...splitArgs(target), status: told }
  if (target.startsWith('@')) return { kind: 'named', name: target, status: told }
  // A code that redirects can be kept where the file names it; the error's own counts for nothing here.
  const named = typeof page.status === 'number' && REDIRECTS.has(page.status)
  return { kind: 'redirect', location: target, status: named ? (page.status as number) : 302 }
}

// nginx's own codes for requests that are malformed at the level of TLS or too large are 400 to clients.
function shown(status: number): number {
  return status >= 494 && status <= 497 ? 400 : status
}
