// Whose certificates clients are believed by, and which of those authorities they are told of: `ssl_client_certificate`
// both, `ssl_trusted_certificate` the first alone (ngx_ssl_client_certificate, ngx_ssl_trusted_certificate). Reads no file.

import type { SecureContext, SecureContextOptions } from 'node:tls'
import { nodeTls } from './node-tls.ts'

export interface Authorities {
  /** PEM; null: none. */
  readonly told: Buffer | null
  readonly silent: Buffer | null
}

/** The part of a context's handle that takes an authority and tells clients of it. */
interface Handle {
  addCACert(pem: string): void
}

/** Without a word of authorities nobody is believed; Node alone would believe those of all the world. */
export function contextWith(options: SecureContextOptions, { told, silent }: Authorities): SecureContext {
  const tls = nodeTls()
  const named = told === null ? [] : certificatesIn(told)
  if (silent === null) return tls.createSecureContext({ ...options, ca: named })
  const unsaid = certificatesIn(silent)
  // Not before Node 24.5: clients are told of all.
  if (tls.setDefaultCACertificates === undefined)
    return tls.createSecureContext({ ...options, ca: [...named, ...unsaid] })
  // Whatever is added to a context by itself, clients are told of; what it begins with, they are not. Nothing else runs
  // meanwhile.
  const usual = tls.getCACertificates('default')
  let context: SecureContext
  try {
    tls.setDefaultCACertificates(unsaid)
    context = tls.createSecureContext(options)
    for (const each of named) (context.context as Handle).addCACert(each)
  } finally {
    tls.setDefaultCACertificates(usual)
  }
  return context
}

/** Each once, as clients are told of an authority once. */
function certificatesIn(pem: Buffer): string[] {
  const blocks = pem.toString('latin1').matchAll(/-----BEGIN ([\w ]+)-----(.*?)-----END \1-----/gs)
  const certificates = [...blocks].map(([, kind, base64]) => {
    const bytes = Buffer.from(base64!, 'base64')
    return kind === 'TRUSTED CERTIFICATE' ? bytes.subarray(0, elementLength(bytes)) : bytes
  })
  const each = new Set(certificates.map(bytes => bytes.toString('base64')).filter(base64 => base64 !== ''))
  return [...each].map(
    base64 =>
      `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
  )
}

/** Of the first element of DER: what else OpenSSL trusts a certificate for stands behind it. */
function elementLength(bytes: Buffer): number {
  const first = bytes[1] ?? 0
  if (first < 0x80) return 2 + first
  const size = first & 0x7f
  return 2 + size + (size > 0 && size <= 4 && bytes.length >= 2 + size ? bytes.readUIntBE(2, size) : 0)
}
