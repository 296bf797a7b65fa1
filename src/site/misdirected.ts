// Whether a request has come by a connection whose handshake was for somebody else, where that decides who is let in: 421
// (RFC 9110 §15.5.20). Judges no certificate; the connection does.

import type { TlsSettings } from '../config/nginx/modules/tls.ts'
import type { ServerConfig } from '../config/nginx/site.ts'
import type { ConnectionFacts } from '../visit.ts'
import type { Site } from './site.ts'

/**
 * ngx_http_set_virtual_server: to a server that asks for certificates a request comes by the name of the handshake
 * alone, also where another name is the same server's. A name that no server has counts for none.
 * @param host as `hostOf` gives it
 * @param server the one that the host means
 */
export function isMisdirected(
  site: Site,
  listen: number,
  connection: ConnectionFacts,
  host: string,
  server: ServerConfig,
): boolean {
  const judge = connection.handshakeServer
  if (judge === null || server.settings.tlsVerify === 'off') return false
  const name = connection.tls('server_name')
  if (name !== host && site.hasName(listen, name)) return true
  if (judge === server) return false
  // The file was read anew since: the client may come again, by what it says now.
  if (!site.config.servers.includes(judge)) return true
  // Nginx takes a certificate that another server's authorities stand for.
  return connection.tls('client_verify') !== 'NONE' && !judgesAlike(judge.settings, server.settings)
}

function judgesAlike(one: TlsSettings, other: TlsSettings): boolean {
  return termsOf(one) === termsOf(other)
}

/** What a certificate is held to, as one text. */
function termsOf(settings: TlsSettings): string {
  const { tlsVerify, tlsVerifyDepth, tlsClientCertificate, tlsTrusted, tlsCrl } = settings
  const files = [tlsClientCertificate, tlsTrusted, tlsCrl].map(file => file?.path ?? '')
  // Any length of a chain does, where any authority does.
  return JSON.stringify([files, tlsVerifyDepth, tlsVerify === 'optional_no_ca'])
}
