// What a client's certificate says, in nginx's forms: names as RFC 2253 writes them, PEM in one line of a header, dates.
// Pure; whether the certificate is believed is somebody else's.

import type { X509Certificate } from 'node:crypto'

const DAY_MS = 86_400_000

/** A variable by its name less `ssl_`; empty: there is none of that name. */
export function clientCertificate(certificate: X509Certificate, name: string): string {
  switch (name) {
    case 'client_s_dn':
      return distinguishedName(certificate.subject)
    case 'client_i_dn':
      return distinguishedName(certificate.issuer)
    case 'client_s_dn_legacy':
      return oneLine(certificate.subject)
    case 'client_i_dn_legacy':
      return oneLine(certificate.issuer)
    case 'client_serial':
      return certificate.serialNumber
    case 'client_fingerprint':
      return certificate.fingerprint.replaceAll(':', '').toLowerCase()
    case 'client_raw_cert':
      return certificate.toString()
    case 'client_cert':
      return certificate.toString().trimEnd().replaceAll('\n', '\n\t')
    case 'client_escaped_cert':
      return encodeURIComponent(certificate.toString()).replace(/[!'()*]/g, escaped)
    case 'client_v_start':
      return certificate.validFrom
    case 'client_v_end':
      return certificate.validTo
    case 'client_v_remain':
      return String(Math.max(0, Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS)))
    default:
      return ''
  }
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** `TYPE=value` lines, first to last, as Node has them. */
function parts(lines: string | undefined): string[] {
  return (lines ?? '').split('\n').filter(line => line.includes('='))
}

// RFC 2253: last to first, commas between. Node has escaped what its §2.4 lists; OpenSSL writes bytes beyond ASCII as
// hexadecimal.
function distinguishedName(lines: string): string {
  return parts(lines)
    .map(part => Buffer.from(part.replaceAll(' + ', '+'), 'utf8').toString('latin1'))
    .map(part => part.replace(/[\u0080-\u00ff]/g, c => `\\${c.charCodeAt(0).toString(16).toUpperCase()}`))
    .reverse()
    .join(',')
}

function oneLine(lines: string): string {
  return parts(lines)
    .map(line => `/${line}`)
    .join('')
}
