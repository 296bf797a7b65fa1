// TLS sessions that are kept here, so that clients may take them up again by their numbers (`ssl_session_cache` where
// tickets are off). Each thread has its own. What a session may be taken up for, and how long, OpenSSL judges.

import { Server } from 'node:net'
import type { ClientHello } from './client-hello.ts'

export class TlsSessions {
  readonly #most: number
  readonly #kept = new Map<string, Buffer>()
  #bytes = 0

  /** @param most bytes of sessions; the oldest make room */
  constructor(most: number) {
    this.#most = most
  }

  /** What a TLSSocket asks for a session, and tells of a new one: Node does so of its server alone. */
  server({ identity }: ClientHello): Server {
    const server = new Server()
    // TLS 1.3 has the number among its extensions, and a meaningless one where TLS 1.2 had it.
    server.on('resumeSession', (id: Buffer, found: (error: null, session: Buffer | null) => void) =>
      found(null, this.#kept.get((identity ?? id).toString('latin1')) ?? null),
    )
    server.on('newSession', (id: Buffer, session: Buffer, kept: () => void) => {
      this.#keep(id.toString('latin1'), session)
      kept()
    })
    return server
  }

  #keep(id: string, session: Buffer): void {
    this.#drop(id)
    this.#kept.set(id, session)
    this.#bytes += session.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#most) break
      this.#drop(oldest)
    }
  }

  #drop(id: string): void {
    this.#bytes -= this.#kept.get(id)?.length ?? 0
    this.#kept.delete(id)
  }
}

/** By the names of their zones: servers, and what a file says after a reload, share them. */
const ZONES = new Map<string, TlsSessions>()

/** The sessions of a zone; its size is that of the first who asks. */
export function sessionsOf({ name, bytes }: { readonly name: string; readonly bytes: number }): TlsSessions {
  let sessions = ZONES.get(name)
  if (sessions === undefined) ZONES.set(name, (sessions = new TlsSessions(bytes)))
  return sessions
}
