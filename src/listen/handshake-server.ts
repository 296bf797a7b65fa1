// What a TLSSocket asks while it shakes hands: whether a session is known, and what the authority says of the
// certificate (`ssl_stapling_file`). Node asks its server alone, and listens to nothing else of it. Answers at once.

import { Server } from 'node:net'
import type { ClientHello } from './client-hello.ts'
import type { TlsTerms } from './tls-terms.ts'

/** Undefined: there is nothing to ask. */
export function handshakeServer(
  { sessions, staple, context }: Pick<TlsTerms, 'sessions' | 'staple' | 'context'>,
  hello: ClientHello,
): Server | undefined {
  if (sessions === null && staple === null) return undefined
  const server = new Server()
  sessions?.attend(server, hello)
  if (staple !== null) {
    // Node looks there for the certificate that is asked about (node: lib/internal/tls/wrap.js, requestOCSP).
    Object.assign(server, { _sharedCreds: context })
    server.on('OCSPRequest', (_certificate: unknown, _issuer: unknown, told: Told) => told(null, staple))
  }
  return server
}

type Told = (error: null, answer: Buffer) => void
