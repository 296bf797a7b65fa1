// A redirect's path made into the address that goes to the client, as nginx writes it (ngx_http_header_filter). Pure.

import { hostOf } from '../http1/authority.ts'
import { escapeUri } from '../http1/uri.ts'
import type { Visit } from '../visit.ts'
import type { Found } from './location-tree.ts'

/** @param path an absolute one with or without a query, or a whole address, which stays as it is */
export function absoluteLocation(visit: Visit, path: string): string {
  const { settings, connection, server } = visit
  if (!path.startsWith('/') || !settings.absoluteRedirect) return path
  const asked = hostOf(visit.head.host)
  const host = settings.serverNameInRedirect ? server.name : asked === '' ? connection.localAddress : asked
  const usual = connection.secure ? 443 : 80
  const port =
    settings.portInRedirect && connection.localPort !== usual && connection.localPort !== 0
      ? `:${connection.localPort}`
      : ''
  return `${connection.secure ? 'https' : 'http'}://${host}${port}${path}`
}

/** Where to go for a location that was asked for without its last slash: its path, and the request's own query. */
export function slashLocation({ location }: Found, args: string): string {
  const path = escapeUri(location.path, 'uri')
  return args === '' ? path : `${path}?${args}`
}
