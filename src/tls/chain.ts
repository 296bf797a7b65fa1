// How long the way from a certificate to one that is believed is. Pure.

import type { DetailedPeerCertificate } from 'node:tls'

/**
 * Whether more authorities stand between a certificate and the one that is believed than are allowed (OpenSSL's reading
 * of a depth: the certificate itself and the trusted one do not count).
 */
export function chainTooLong(leaf: DetailedPeerCertificate, depth: number): boolean {
  const seen = new Set<string>()
  let length = 0
  for (
    let at: DetailedPeerCertificate | undefined = leaf;
    at?.fingerprint256 && !seen.has(at.fingerprint256);
  ) {
    seen.add(at.fingerprint256)
    length++
    at = at.issuerCertificate
  }
  return length - 2 > depth
}
