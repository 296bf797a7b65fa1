// Variables of how a request is passed on (ngx_http_proxy_module).

import type { Variable, Visit } from '../../visit.ts'
import { fieldValue } from './prefixes.ts'

export const proxyVariables: Readonly<Record<string, Variable>> = {
  proxy_host: visit => hostHeader(visit),
  proxy_port: visit => port(visit),
  proxy_add_x_forwarded_for: visit => {
    const before = fieldValue(visit.headers, 'x-forwarded-for')
    return before === null || before === '' ? visit.client : `${before}, ${visit.client}`
  },
}

// ngx_http_proxy_set_vars: without the port that goes without saying; a Unix socket has no name.
function hostHeader(visit: Visit): string | null {
  const { proxyHost: host } = visit
  if (host === '') return null
  if (host.startsWith('unix:')) return 'localhost'
  const usual = `:${usualPort(visit)}`
  return host.endsWith(usual) ? host.slice(0, -usual.length) : host
}

function port(visit: Visit): string | null {
  const { proxyHost: host } = visit
  if (host === '' || host.startsWith('unix:')) return null
  return /[^:]:(\d+)$/.exec(host)?.[1] ?? usualPort(visit)
}

function usualPort({ settings: { pass } }: Visit): string {
  return pass?.kind === 'group' && pass.scheme === 'https' ? '443' : '80'
}
