// One listening socket, TCP or Unix, plain or TLS: binds, accepts, hands sockets on. It knows no HTTP.

import { chmodSync, lstatSync, readFileSync, unlinkSync } from 'node:fs'
import net, { isIPv6 } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { formatAddress } from '../config/addresses.ts'
import type { Address } from '../config/config.ts'
import { acceptPlain } from '../socket/accept-plain.ts'
import { asStream, type RawStream } from '../socket/byte-stream.ts'
import { EDGE_OPTIONS } from '../socket/stream-of-handle.ts'
import type { Accepted } from './edge-host.ts'
import { nodeTls } from './node-tls.ts'
import { normaliseAddress, UNIX_PEER } from './trust.ts'

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

export interface Binding {
  /** Of `::` alone: IPv4 has listeners of its own. */
  readonly ipv6only?: boolean
  readonly backlog?: number | null
  /** Lets other threads listen on the same port; the kernel spreads the connections over them. */
  readonly reusePort?: boolean
  readonly secure: boolean
}

/**
 * Listens for the flags' upstreams. Rejects with an Error whose message says which address, why, and what to do.
 * @param accept gets every connection at once; for TLS before its handshake.
 * @param tickets the memory of the keys that all threads seal TLS tickets with; null: none is shared
 */
export async function listen(
  address: Address,
  tlsFiles: TlsFiles | null,
  accept: (accepted: Accepted) => void,
  reusePort = false,
  tickets: SharedArrayBuffer | null = null,
): Promise<Listener> {
  const seal = tlsFiles === null || tickets === null ? null : await sealedAlike(tlsFiles, tickets)
  let context = tlsFiles === null ? null : readTls(tlsFiles, seal)
  const listener = await bind(address, { reusePort, secure: tlsFiles !== null }, raw => {
    // A client that has reset by now has no address, and none may be made up for it.
    const peer = address.kind === 'unix' ? UNIX_PEER : raw.remoteAddress
    if (peer === undefined) raw.destroy()
    else if (context === null) accept({ socket: raw, raw, peer: normaliseAddress(peer), secure: false })
    else {
      const plain = asStream(raw) as net.Socket
      accept({ socket: decrypt(plain, context), raw: plain, peer: normaliseAddress(peer), secure: true })
    }
  })
  return {
    ...listener,
    reloadTls: () => {
      if (tlsFiles !== null) context = readTls(tlsFiles, seal)
    },
  }
}

/** Binds a socket and has it listen. Rejects with an Error for people. */
export async function bind(
  address: Address,
  { ipv6only = false, backlog = null, reusePort = false, secure }: Binding,
  accept: (raw: RawStream) => void,
): Promise<Listener> {
  const server = net.createServer({ ...EDGE_OPTIONS, noDelay: true }, accept)
  if (address.kind === 'unix') await removeStaleSocket(address.path)
  const queue = backlog === null || backlog < 1 ? BACKLOG : backlog
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(explain(error as NodeJS.ErrnoException, address)))
    const where =
      address.kind === 'unix'
        ? { path: address.path }
        : { host: address.host, port: address.port, ipv6Only: ipv6only && isIPv6(address.host), reusePort }
    server.listen({ ...where, backlog: queue }, () => {
      server.removeAllListeners('error')
      if (!secure) acceptPlain(server, accept)
      // EMFILE while accepting and the like: the next accept tries again, the listener stays.
      server.on('error', () => {})
      resolve()
    })
  }).catch(error => {
    if (ipv6only) throw error
    return retryWithoutIpv6(server, address, error, reusePort)
  })
  if (address.kind === 'unix') chmodSync(address.path, 0o666)
  const bound = server.address()
  const actual: Address =
    bound !== null && typeof bound === 'object'
      ? { kind: 'tcp', host: bound.address, port: bound.port }
      : address
  return { address: actual, secure, close: () => server.close(), reloadTls: () => {} }
}

// A machine with IPv6 switched off has no `::`; all addresses are then those of IPv4.
async function retryWithoutIpv6(
  server: net.Server,
  address: Address,
  error: Error,
  reusePort: boolean,
): Promise<void> {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code
  const none = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
  if (address.kind !== 'tcp' || address.host !== '::' || !none) throw error
  await new Promise<void>((resolve, reject) => {
    server.once('error', again => reject(explain(again as NodeJS.ErrnoException, address)))
    server.listen({ host: '0.0.0.0', port: address.port, reusePort, backlog: BACKLOG }, () => resolve())
  })
  server.removeAllListeners('error')
  server.on('error', () => {})
}

type Seal = (context: SecureContext) => void

/** How long OpenSSL lets a session be taken up again where nothing is said, in milliseconds. */
const SESSION_MS = 300_000

// What one thread has sealed another is to open, also after a reload.
async function sealedAlike({ cert }: TlsFiles, tickets: SharedArrayBuffer): Promise<Seal> {
  const { MadeKeys, useTicketKeys } = await import('../tls/ticket-keys.ts')
  const keys = new MadeKeys(tickets, `listener ${cert}`, SESSION_MS)
  return context => useTicketKeys(context, keys)
}

// Throws, with a message of OpenSSL's, when certificate and key do not belong together.
function readTls(files: TlsFiles, seal: Seal | null): SecureContext {
  const cert = readFileSync(files.cert)
  // A client that begins again and again costs nothing itself.
  const secureOptions = process.getBuiltinModule('node:crypto').constants.SSL_OP_NO_RENEGOTIATION
  const context = nodeTls().createSecureContext({ cert, key: readFileSync(files.key), secureOptions })
  seal?.(context)
  return context
}

// The handshake is part of the connection's first wait, and so falls under --header-timeout and --max-connections,
// which a tls.Server would only apply after it.
function decrypt(raw: net.Socket, secureContext: SecureContext): TLSSocket {
  const socket = new (nodeTls().TLSSocket)(raw, {
    isServer: true,
    secureContext,
    ALPNProtocols: ['http/1.1'],
  })
  // Without a tls.Server this event is all that tells of a handshake that failed (node: lib/_tls_wrap.js).
  socket.on('_tlsError', () => socket.destroy())
  raw.on('error', () => {})
  return socket
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
