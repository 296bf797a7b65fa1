// One listening socket, TCP or Unix, plain or TLS: binds, accepts, hands sockets on. It knows no HTTP.

import { chmodSync, lstatSync, readFileSync, unlinkSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { formatAddress } from '../config/addresses.ts'
import type { Address } from '../config/config.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** A bound listener; `address` has the port that was really bound. */
export interface Listener {
  readonly address: Address
  readonly secure: boolean
  /** Stops accepting. Connections that were accepted go on. */
  close(): void
  /** Reads certificate and key again; throws with a message for people when they cannot be used. */
  reloadTls(): void
}

/** As large as the kernel allows (it cuts it to somaxconn): a burst must not meet a full backlog here. */
const BACKLOG = 4096

/**
 * Binds and listens. Rejects with an Error whose message says which address, why, and what to do.
 * @param accept gets every connection; for TLS once its handshake is done.
 */
export async function listen(
  address: Address,
  tlsFiles: TlsFiles | null,
  accept: (socket: net.Socket, secure: boolean) => void,
): Promise<Listener> {
  // Half-open sockets: a client may send FIN and still read its answer. noDelay: answers are written in one
  // piece, so Nagle's algorithm would only hold back the last segment of those that are not.
  const options = { allowHalfOpen: true, noDelay: true, highWaterMark: 64 * 1024 }
  const server =
    tlsFiles === null
      ? net.createServer(options, socket => accept(socket, false))
      : tls.createServer({ ...options, ...readTls(tlsFiles), ALPNProtocols: ['http/1.1'] }, socket => {
          accept(socket, true)
        })
  // A failed handshake is the client's affair; its socket is closed by Node.
  server.on('tlsClientError', () => {})
  if (address.kind === 'unix') await removeStaleSocket(address.path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(explain(error as NodeJS.ErrnoException, address)))
    const where =
      address.kind === 'unix'
        ? { path: address.path }
        : { host: address.host, port: address.port, ipv6Only: false }
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.removeAllListeners('error')
      // EMFILE while accepting and the like: the next accept tries again, the listener stays.
      server.on('error', () => {})
      resolve()
    })
  }).catch(error => retryWithoutIpv6(server, address, error))
  if (address.kind === 'unix') chmodSync(address.path, 0o666)
  const bound = server.address()
  const actual: Address =
    bound !== null && typeof bound === 'object'
      ? { kind: 'tcp', host: bound.address, port: bound.port }
      : address
  return {
    address: actual,
    secure: tlsFiles !== null,
    close: () => server.close(),
    reloadTls: () => {
      if (tlsFiles !== null && server instanceof tls.Server) server.setSecureContext(readTls(tlsFiles))
    },
  }
}

// A machine with IPv6 switched off has no `::`; all addresses are then those of IPv4.
async function retryWithoutIpv6(server: net.Server, address: Address, error: Error): Promise<void> {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code
  const none = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
  if (address.kind !== 'tcp' || address.host !== '::' || !none) throw error
  await new Promise<void>((resolve, reject) => {
    server.once('error', again => reject(explain(again as NodeJS.ErrnoException, address)))
    server.listen({ host: '0.0.0.0', port: address.port, backlog: BACKLOG }, () => resolve())
  })
  server.removeAllListeners('error')
  server.on('error', () => {})
}

function readTls(files: TlsFiles): { cert: Buffer; key: Buffer } {
  const pem = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  // Fails here, with a message of OpenSSL's, when the two do not belong together.
  tls.createSecureContext(pem)
  return pem
}

// A socket file that nobody listens on any more would make the bind fail for ever after a crash.
function removeStaleSocket(path: string): Promise<void> {
  return new Promise(resolve => {
    const probe = net.connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve()
    })
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') {
        try {
          // A connect to a plain file is refused just the same, and somebody may want that file.
          if (lstatSync(path).isSocket()) unlinkSync(path)
        } catch {
          // The bind will say what is wrong with the place.
        }
      }
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, address: Address): Error {
  const where = formatAddress(address)
  const remedy: Record<string, string> = {
    EADDRINUSE: 'it is taken by another process; stop that one or choose another address with --listen',
    EACCES: 'it may not be bound by this user; ports below 1024 need privileges, others do not',
    EADDRNOTAVAIL: 'this machine has no such address; use one of its own, or :port for all',
    ENOENT: 'the folder of the socket does not exist; create it or choose another path',
  }
  const reason = remedy[error.code ?? ''] ?? error.message
  return new Error(`cannot listen on ${where}: ${reason} (${error.code ?? 'error'})`, { cause: error })
}
