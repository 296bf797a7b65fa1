// Which `error_page` a status has, and where it leads (ngx_http_send_error_page). Pure: whether another error page may be
// made at all, and going there, are the corridor's.

import type { ErrorPage } from '../config/nginx/modules/core.ts'
import type { Settings } from '../config/nginx/settings.ts'
import { splitArgs } from '../http1/uri.ts'

/** Where an error page leads. `status` is what the client is told; null: what the page itself answers. */
export type Lead =
  /** To be located anew, with these args in the place of the request's; a HEAD stays one, all else becomes GET. */
  | {
      readonly to: 'uri'
      readonly uri: string
      readonly args: string
      readonly method: string
      readonly status: number | null
    }
  /** To a named location, with the request as it is. */
  | { readonly to: 'named'; readonly name: string; readonly status: number | null }
  /** The client itself is sent there. */
  | { readonly to: 'address'; readonly location: string; readonly status: number }

/** The first line that names this status; null: none does, and the answer is made here. */
export function errorPageFor(settings: Settings, status: number): ErrorPage | null {
  for (const page of settings.errorPages) if (page.codes.includes(status)) return page
  return null
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * @param status the error's
 * @param target the page's, its variables worked out
 * @param method the request's
 */
export function leadOf(page: ErrorPage, status: number, target: string, method: string): Lead {
  const told = page.status === 'same' ? status : page.status === 'of the page' ? null : page.status
  if (target.startsWith('/')) {
    return { to: 'uri', ...splitArgs(target), method: method === 'HEAD' ? 'HEAD' : 'GET', status: told }
  }
  if (target.startsWith('@')) return { to: 'named', name: target, status: told }
  // Of the code only one that redirects can be kept.
  return { to: 'address', location: target, status: told !== null && REDIRECTS.has(told) ? told : 302 }
}
