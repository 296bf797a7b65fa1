// Variables of how a request is passed on (ngx_http_proxy_module).

import type { Variable } from '../../visit.ts'
import { fieldValue } from './prefixes.ts'

export const proxyVariables: Readonly<Record<string, Variable>> = {
  proxy_host: ({ proxyHost }) => hostHeader(proxyHost),
  proxy_port: ({ proxyHost, settings }) =>
    portOf(proxyHost, settings.pass?.kind === 'group' && settings.pass.scheme === 'https'),
  proxy_add_x_forwarded_for: visit => {
    const before = fieldValue(visit.headers, 'x-forwarded-for')
    return before === null || before === '' ? visit.client : `${before}, ${visit.client}`
  },
}

// ngx_http_proxy_set_vars: without the port that goes without saying; a Unix socket has no name.
function hostHeader(host: string): string | null {
  if (host === '') return null
  return host.startsWith('unix:') ? 'localhost' : host
}

function portOf(host: string, secure: boolean): string | null {
  if (host === '' || host.startsWith('unix:')) return null
  return /:(\d+)$/.exec(host)?.[1] ?? (secure ? '443' : '80')
}
