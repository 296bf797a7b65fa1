// A TLS connection to a worker, with the events of a `WorkerSocket`: it stands when the handshake is done. It knows no HTTP.

import type net from 'node:net'
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls'
import { HANDSHAKE_FAILED } from './connect-failure.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { Endpoint } from './upstream.ts'
import type { SecureTerms } from './upstream-tls.ts'
import type { WorkerSocketOwner } from './worker-socket.ts'

/** Connects at once. 'secureConnect' says that it stands. */
export function secureSocket(endpoint: Endpoint, terms: SecureTerms): net.Socket {
  const { connect } = process.getBuiltinModule('node:tls')
  const { context, serverName, verify, sessions } = terms
  const whom = sessions === null ? '' : nameOf(endpoint, terms)
  const session = sessions?.get(whom)
  const options: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    ...endpoint,
    secureContext: context,
    rejectUnauthorized: verify,
    // Not asked of a session that is taken up again: it is of whoever proved this when it began.
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => terms.judge(certificate),
    ...(serverName === '' ? {} : { servername: serverName }),
    ...(session !== undefined && { session }),
    allowHalfOpen: true,
  }
  const socket = connect(options)
  if (sessions !== null) keepSession(socket, sessions, whom)
  return socket
}

// With TLS 1.2 a session is there before it has been judged whose it is; one that fails then must not be taken up again,
// as nobody would be judged any more. A server that takes no offence at a handshake in full may do so at a session.
function keepSession(socket: TLSSocket, sessions: KnownSessions, whom: string): void {
  let stands = false
  let early: Buffer | null = null
  socket.on('session', (fresh: Buffer) => {
    if (stands) sessions.keep(whom, fresh)
    else early = fresh
  })
  socket.once('secureConnect', () => {
    stands = true
    if (early !== null) sessions.keep(whom, early)
  })
  socket.once('error', () => {
    if (!stands) sessions.forget(whom)
  })
}

/** A session is taken up with whom it began, and for the same name, the group's unless it is said: neither is proved again. */
function nameOf(endpoint: Endpoint, { name, serverName }: SecureTerms): string {
  const where = 'path' in endpoint ? endpoint.path : `${endpoint.host} ${endpoint.port}`
  return `${where} ${serverName} ${name}`
}

/** What went wrong, told from a connect that failed: the server is there, and does not speak as it should. */
export function handshakeError(error: Error): NodeJS.ErrnoException {
  return Object.assign(new Error(`the TLS handshake failed: ${error.message.trim()}`), {
    code: HANDSHAKE_FAILED,
  })
}

/** The connection of a worker's owner. */
export function openSecurely(owner: WorkerSocketOwner, endpoint: Endpoint, terms: SecureTerms): net.Socket {
  const socket = secureSocket(endpoint, terms)
  let state: 'connecting' | 'shaking hands' | 'secure' = 'connecting'
  socket.once('connect', () => {
    state = 'shaking hands'
  })
  socket.once('secureConnect', () => {
    state = 'secure'
    owner.connected()
  })
  socket.on('data', (bytes: Buffer) => owner.received(bytes))
  socket.on('end', () => {
    if (state === 'secure') owner.ended()
  })
  socket.on('error', error => owner.failed(state === 'shaking hands' ? handshakeError(error) : error))
  socket.on('close', () => owner.closed())
  return socket
}
