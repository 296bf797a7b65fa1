// What an upstream that is down is asked by, where a file says it: the protocol, and TLS, of the first place of the file
// that passes requests to it, as far as they are known without a request. Joins file and upstreams, and opens nothing.

import { everySetting } from '../config/nginx/every-setting.ts'
import type { GroupConfig } from '../config/nginx/group-config.ts'
import { type Family, isSecure } from '../config/nginx/modules/proxy.ts'
import type { ProxyTls } from '../config/nginx/modules/proxy-tls.ts'
import { isConstant } from '../config/nginx/pem-path.ts'
import type { Script, SiteConfig } from '../config/nginx/site.ts'
import type { ProbeTerms } from '../upstream/probe.ts'
import { type SecureTerms, UpstreamTls } from '../upstream/upstream-tls.ts'

/** Null: in HTTP and in the clear. @param spoken with a group that a request has worked out */
export function probeTerms(
  site: SiteConfig,
  group: GroupConfig,
  spoken: { readonly secure: boolean; readonly family: Family },
): ProbeTerms | null {
  for (const { pass, proxyTls } of everySetting(site.servers)) {
    if (pass?.kind === 'group' && pass.group.name === group.name)
      return { family: pass.family, tls: isSecure(pass.scheme) ? termsOf(proxyTls, pass.host) : null }
    if (pass?.kind === 'computed' && pass.family === spoken.family && spoken.secure)
      return { family: spoken.family, tls: termsOf(proxyTls, group.name) }
  }
  return spoken.family === 'http' ? null : { family: spoken.family, tls: null }
}

function termsOf(tls: ProxyTls, host: string): SecureTerms {
  // What only a request says is not there: a name is then the upstream's own, a certificate none, also where it is the half.
  const textOf = ({ text }: Script) => (text.includes('$') ? '' : text)
  const { certificate, certificateKey } = tls
  const isKnown = [certificate, certificateKey].every(each => each !== null && isConstant(each))
  const own = isKnown ? {} : { certificate: null, certificateKey: null }
  return new UpstreamTls([]).of({ ...tls, ...own }, (tls.name && textOf(tls.name)) || host, textOf)
}
