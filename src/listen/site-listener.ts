// The listening sockets of a site: bound as the file says, each connection greeted and, where TLS is meant, put on the
// terms of the server that it asks for. Hands connections on; knows no HTTP.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { asStream, type RawStream } from '../socket/byte-stream.ts'
import { resetSocket } from '../socket/reset.ts'
import type { ClientHello } from './client-hello.ts'
import type { Accepted } from './edge-host.ts'
import type { Arrived, Entrance } from './entrance.ts'
import { Greeting, type GreetingHost } from './greeting.ts'
import { entranceFor } from './guests.ts'
import { handshakeServer } from './handshake-server.ts'
import type { Handshake } from './handshake-texts.ts'
import { bind, type Listener } from './listener.ts'
import { nodeTls } from './node-tls.ts'
import type { TlsTerms } from './tls-terms.ts'
import { normaliseAddress, UNIX_PEER } from './trust.ts'

export interface SiteListenerHost extends Pick<GreetingHost, 'clock' | 'lost'> {
  /** One that has yet to greet; false: there is no room. */
  newcomer(greeting: Greeting): void
  /** False: there is no room for another connection. */
  makeRoom(raw: RawStream): boolean
  /** It is ready for HTTP, or for a handshake that comes first. @param greeting what it was until now */
  accept(accepted: Accepted, greeting: Greeting | null): void
}

/** A fatal alert in a record of its own (RFC 8446 §6.2). */
const alert = (description: number) => Buffer.from([21, 3, 3, 0, 2, 2, description])
/** The server has no such name. */
const UNRECOGNISED_NAME = alert(112)
/** It has, and something else is amiss. */
const INTERNAL_ERROR = alert(80)

/** Binds and listens. Rejects with an Error for people. */
export async function listenAt(
  entrance: Entrance,
  host: SiteListenerHost,
  reusePort: boolean,
): Promise<Listener> {
  const { address, ipv6only, backlog } = entrance.listen
  const greets = ({ listen, terms }: Entrance) => listen.proxyProtocol || terms !== null
  const onGreeted: GreetingHost = {
    clock: host.clock,
    lost: host.lost,
    greeted: (greeting, { header, hello }) => {
      const { raw, entrance } = greeting
      const peer = peerOf(raw, entrance)
      if (peer === null) {
        raw.destroy()
        host.lost(greeting, null)
        return
      }
      const proxied = header?.proxied ?? null
      if (hello === null) {
        host.accept(
          { socket: raw, raw, peer, secure: false, arrived: { entrance, proxied, tls: null } },
          greeting,
        )
        raw.resume()
        return
      }
      const terms = termsFor(entrance, { raw, proxied, hello })
      if (terms instanceof Error || terms.rejects) {
        raw.write(terms instanceof Error ? INTERNAL_ERROR : UNRECOGNISED_NAME)
        raw.end(() => resetSocket(raw))
        host.lost(greeting, terms instanceof Error ? terms.message : null)
        return
      }
      const arrived: Arrived = { entrance, proxied, tls: { hello, terms } }
      const plain = asStream(raw) as Socket
      host.accept({ socket: decrypt(plain, terms, hello), raw: plain, peer, secure: true, arrived }, greeting)
    },
  }
  const secure = [entrance, ...(entrance.guests?.values() ?? [])].some(({ terms }) => terms !== null)
  const listener = await bind(address, { ipv6only, backlog, reusePort, secure }, raw => {
    if (!host.makeRoom(raw)) return
    const came = entranceFor(entrance, raw)
    if (greets(came)) {
      host.newcomer(new Greeting(raw, came, onGreeted))
      return
    }
    const peer = peerOf(raw, came)
    if (peer === null) raw.destroy()
    else
      host.accept(
        { socket: raw, raw, peer, secure: false, arrived: { entrance: came, proxied: null, tls: null } },
        null,
      )
  })
  return { ...listener, secure: entrance.terms !== null }
}

/** What stands for the socket of one that is a guest of another's. */
export function guestListener({ listen, terms }: Entrance): Listener {
  return { address: listen.address, secure: terms !== null, close: () => {}, reloadTls: () => {} }
}

/** A client that has reset by now has no address, and none may be made up for it. */
function peerOf(raw: RawStream, { listen }: Entrance): string | null {
  if (listen.address.kind === 'unix') return UNIX_PEER
  return raw.remoteAddress === undefined ? null : normaliseAddress(raw.remoteAddress)
}

// Certificates that variables name are read with the handshake, and may not be there.
function termsFor(entrance: Entrance, handshake: Handshake): TlsTerms | Error {
  try {
    return entrance.terms!(handshake)
  } catch (error) {
    return error as Error
  }
}

function decrypt(raw: Socket, terms: TlsTerms, hello: ClientHello): TLSSocket {
  const server = handshakeServer(terms, hello)
  const socket = new (nodeTls().TLSSocket)(raw, {
    isServer: true,
    secureContext: terms.context,
    ...(server === undefined ? {} : { server }),
    ALPNProtocols: ['http/1.1'],
    requestCert: terms.asksClient,
    // What is wrong with a certificate is answered in HTTP, as nginx does.
    rejectUnauthorized: false,
  })
  // Without a tls.Server this event is all that tells of a handshake that failed (node: lib/_tls_wrap.js).
  socket.on('_tlsError', () => socket.destroy())
  raw.on('error', () => {})
  return socket
}
