// What is known of a TLS connection, under the names of nginx's variables less their `ssl_`. Worked out once where it
// costs something; empty where there is nothing to know. Judges a client's certificate, and answers nobody.

import type { TLSSocket } from 'node:tls'
import type { TlsSettings } from '../config/nginx/modules/tls.ts'
import { chainTooLong } from '../tls/chain.ts'
import { clientCertificate } from './client-certificate.ts'
import type { ArrivedTls } from './entrance.ts'
import { negotiatedCurve } from './negotiated-curve.ts'
import { cipherName, curveName } from './tls-names.ts'

/** Errors that `optional_no_ca` puts up with: the chain ends nowhere, not that it is wrong (ngx_ssl_verify_error_optional). */
const NO_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

interface Verified {
  readonly code: string
  readonly reason: string
}

/** The part of a TLSSocket's handle that says how its peer's certificate fared; there is no other way without a tls.Server. */
interface Handle {
  verifyError(): (Error & { readonly code?: string }) | null | undefined
}

export class TlsFacts {
  readonly #socket: TLSSocket
  readonly #arrived: ArrivedTls
  readonly #known = new Map<string, string>()
  #verified: Verified | 'well' | 'none' | null = null

  constructor(socket: TLSSocket, arrived: ArrivedTls) {
    this.#socket = socket
    this.#arrived = arrived
  }

  value(name: string): string {
    let value = this.#known.get(name)
    if (value === undefined) {
      value = this.#find(name)
      this.#known.set(name, value)
    }
    return value
  }

  #find(name: string): string {
    const { hello } = this.#arrived
    switch (name) {
      case 'protocol':
        return this.#socket.getProtocol() ?? ''
      case 'cipher':
        return this.#socket.getCipher()?.name ?? ''
      case 'ciphers':
        return hello.ciphers.map(cipherName).join(':')
      case 'curves':
        return hello.curves.map(curveName).join(':')
      case 'curve': {
        const { curves } = this.#arrived.terms
        return negotiatedCurve(
          hello,
          curves,
          this.#socket.getProtocol(),
          this.#socket.getCipher()?.name ?? '',
        )
      }
      case 'server_name':
        return hello.serverName
      case 'session_id':
        return sessionId(this.#socket.getSession())
      case 'session_reused':
        return this.#socket.isSessionReused() ? 'r' : '.'
      case 'alpn_protocol':
        return this.#socket.alpnProtocol || ''
      case 'client_verify':
        return this.#verifyWord()
      // Nothing is taken before the handshake has ended.
      case 'early_data':
        return ''
      default: {
        const certificate = this.#socket.getPeerX509Certificate()
        return certificate === undefined ? '' : clientCertificate(certificate, name)
      }
    }
  }

  #verifyWord(): string {
    const verified = this.#verify()
    if (verified === 'none') return 'NONE'
    return verified === 'well' ? 'SUCCESS' : `FAILED:${verified.reason}`
  }

  #verify(): Verified | 'well' | 'none' {
    this.#verified ??= this.#judge()
    return this.#verified
  }

  #judge(): Verified | 'well' | 'none' {
    if (this.#socket.getPeerX509Certificate() === undefined) return 'none'
    const handle = (this.#socket as unknown as { _handle: Handle | null })._handle
    const error = handle?.verifyError()
    if (error) return { code: error.code ?? '', reason: reasonOf(error.message) }
    const { tlsVerifyDepth, tlsVerify } = this.#arrived.terms.server.settings
    if (
      tlsVerify === 'optional_no_ca' ||
      !chainTooLong(this.#socket.getPeerCertificate(true), tlsVerifyDepth)
    )
      return 'well'
    return { code: 'CERT_CHAIN_TOO_LONG', reason: 'certificate chain too long' }
  }

  /** Why a request must not come by this connection to a server that asks for certificates; null: it may. */
  refusal({ tlsVerify }: Pick<TlsSettings, 'tlsVerify'>): 495 | 496 | null {
    const verified = this.#verify()
    if (verified === 'none') return tlsVerify === 'on' ? 496 : null
    if (verified === 'well') return null
    return tlsVerify === 'optional_no_ca' && NO_AUTHORITY.has(verified.code) ? null : 495
  }
}

/** OpenSSL's words alone; Node may put its own behind them. */
function reasonOf(message: string): string {
  return message.split('\n')[0]!.replace(/;.*$/, '')
}

// SSL_SESSION_ASN1 (OpenSSL: ssl/ssl_asn1.c): version, protocol, cipher, and then the session's id.
function sessionId(session: Buffer | undefined): string {
  if (session === undefined) return ''
  let at = 0
  const head = (): number => {
    const length = session[at + 1]!
    const more = length & 0x80 ? length & 0x7f : 0
    const size = more === 0 ? length : session.readUIntBE(at + 2, more)
    at += 2 + more
    return size
  }
  head()
  for (let skipped = 0; skipped < 3; skipped++) {
    const length = head()
    at += length
  }
  const size = head()
  return session.subarray(at, at + size).toString('hex')
}
