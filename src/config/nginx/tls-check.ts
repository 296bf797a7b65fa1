// Whether each server that speaks TLS has what it needs: certificates, keys for them, authorities for those of clients
// (ngx_http_ssl_init, ngx_http_ssl_merge_srv_conf). Opens no file.

import type { SiteConfig } from './site.ts'
import type { Reading } from './table.ts'

/** @param reading gets what is missing, in nginx’s words */
export function checkTls(
  { listens, servers }: SiteConfig,
  reading: Pick<Reading, 'problem' | 'certified'>,
): void {
  for (const { ssl, servers: places } of listens) {
    if (!ssl || reading.certified) continue
    const [standard, ...others] = places.map(place => servers[place]!)
    const needing = standard!.settings.tlsRejects ? others : [standard!]
    for (const { settings, at } of needing) {
      if (settings.tlsCertificates.length > 0 || settings.tlsRejects) continue
      const word = settings.tlsOn ? 'ssl' : 'listen ... ssl'
      reading.problem(`no "ssl_certificate" is defined for the "${word}" directive`, at)
    }
  }
  const seen = new Set<object>()
  for (const { settings, at } of servers) {
    const { tlsCertificates, tlsKeys, tlsVerify, tlsClientCertificate, tlsTrusted } = settings
    if (tlsCertificates.length === 0 && !reading.certified) continue
    if (!reading.certified && tlsCertificates.length > tlsKeys.length && !seen.has(tlsCertificates)) {
      seen.add(tlsCertificates)
      const certificate = tlsCertificates[tlsKeys.length]!
      reading.problem(
        `no "ssl_certificate_key" is defined for certificate "${certificate.path.text}"`,
        certificate.path.at,
      )
    }
    const asks = tlsVerify === 'on' || tlsVerify === 'optional'
    if (asks && tlsClientCertificate === null && tlsTrusted === null)
      reading.problem('no "ssl_client_certificate" is defined for "ssl_verify_client"', at)
  }
}
