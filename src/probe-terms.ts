// What an upstream that is down is asked by over TLS: the terms of the first place of the file that passes requests to
// it, as far as they are known without a request. Joins file and upstreams, and opens nothing.

import { everySetting } from './config/nginx/every-setting.ts'
import type { ProxyTls } from './config/nginx/modules/proxy-tls.ts'
import type { GroupConfig, Script, SiteConfig } from './config/nginx/site.ts'
import { type SecureTerms, UpstreamTls } from './upstream/upstream-tls.ts'

/** Null: it is asked in the clear. @param secure of a group that a request has worked out: whether by https */
export function probeTerms(site: SiteConfig, group: GroupConfig, secure: boolean): SecureTerms | null {
  for (const { pass, proxyTls } of everySetting(site.servers)) {
    if (pass?.kind === 'group' && pass.group.name === group.name)
      return pass.scheme === 'https' ? termsOf(proxyTls, pass.host) : null
    if (pass?.kind === 'computed' && secure) return termsOf(proxyTls, group.name)
  }
  return null
}

function termsOf(tls: ProxyTls, host: string): SecureTerms {
  // What only a request says is not there: a name is then the upstream's own, a certificate none.
  const textOf = ({ text }: Script) => (text.includes('$') ? '' : text)
  return new UpstreamTls([]).of(tls, (tls.name && textOf(tls.name)) || host, textOf)
}
