// TLS sessions that are kept here, so that clients may take them up again by their numbers (`ssl_session_cache` where
// tickets are off): in memory of all threads, or of this one alone, as nginx's workers do with `builtin`. What a session
// may be taken up for, and how long, OpenSSL judges.

import type { Server } from 'node:net'
import type { SessionCache } from '../config/nginx/modules/tls.ts'
import type { ClientHello } from './client-hello.ts'
import { bytesIn, OwnSessions, type SessionStore, SharedSessions, sessionMemory } from './session-memory.ts'

/** What all threads share for TLS. */
export interface TlsMemory {
  /** The keys that seal tickets; null: each context has its own. */
  readonly tickets: SharedArrayBuffer | null
  /** By the names of `sessionZones`. */
  readonly zones: Readonly<Record<string, SharedArrayBuffer>>
}

/** The memory of a zone stands beside that of limits, which may have its name. */
function zoneName({ name }: SessionCache): string {
  return `ssl_session_cache ${name}`
}

/** Memory for each cache that is shared; its size is that of the first who asks, and one of before that is as large stays. */
export function sessionZones(
  caches: Iterable<SessionCache | null>,
  former: TlsMemory['zones'],
): TlsMemory['zones'] {
  const zones: Record<string, SharedArrayBuffer> = Object.create(null)
  for (const cache of caches) {
    if (cache === null || !cache.shared) continue
    const name = zoneName(cache)
    if (zones[name] !== undefined) continue
    const known = former[name]
    const same = known !== undefined && bytesIn(known) === cache.bytes
    zones[name] = same ? known : sessionMemory(cache.bytes)
  }
  return zones
}

export class TlsSessions {
  readonly #store: SessionStore

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** Answers what a handshake asks for a session, and keeps new ones. */
  attend(server: Server, { identity }: ClientHello): void {
    // TLS 1.3 has the number among its extensions, and a meaningless one where TLS 1.2 had it.
    server.on('resumeSession', (id: Buffer, found: (error: null, session: Buffer | null) => void) =>
      found(null, this.#store.get(identity ?? id)),
    )
    server.on('newSession', (id: Buffer, session: Buffer, kept: () => void) => {
      this.#store.keep(id, session)
      kept()
    })
  }
}

/** Of this thread, for servers and for what a file says after a reload. */
const BUILTIN = new Map<number, TlsSessions>()

/** The sessions of a cache. */
export function sessionsOf(cache: SessionCache, { zones }: TlsMemory): TlsSessions {
  if (cache.shared)
    return new TlsSessions(new SharedSessions(zones[zoneName(cache)] ?? sessionMemory(cache.bytes)))
  let sessions = BUILTIN.get(cache.bytes)
  if (sessions === undefined)
    BUILTIN.set(cache.bytes, (sessions = new TlsSessions(new OwnSessions(cache.bytes))))
  return sessions
}
