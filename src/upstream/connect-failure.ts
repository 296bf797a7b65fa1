// What a failed connect means: nobody there (the upstream is down), or somebody there who cannot take it now, or nobody
// was asked. Nothing was sent. Knows no connection.

import { Failure } from '../errors.ts'
import type { LocalEnd } from './local-end.ts'

/** The code of an error between the connection and the end of its TLS handshake. */
export const HANDSHAKE_FAILED = 'ETLS'
/** The code of an error of the near end (`proxy_bind`): it cannot be had, and the far end was not asked. */
const BIND_FAILED = 'EBIND'

/**
 * `down`: it refuses; `full`: its backlog is full, or we lack a port or a descriptor; `silent`: no answer; `near`: it was
 * not asked.
 */
export type ConnectTrouble = 'down' | 'full' | 'silent' | 'near'

/** The code of a connection's error. libuv tells of a port in use only when it connects. @param end as it was said */
export function errorCode({ code, syscall, message }: NodeJS.ErrnoException, end?: LocalEnd | null): string {
  if (end != null && (syscall === 'bind' || code === 'EADDRINUSE')) return BIND_FAILED
  return code ?? message
}

/** What a failed connect is to its request. @param words the error's own @param where the far end, as people write it */
export function connectFailure(code: string, words: string, where: string): Failure {
  if (code === BIND_FAILED) return new Failure('near_end', words)
  // Who is there and does not speak as it should will not do so the next time either.
  if (code === HANDSHAKE_FAILED) return new Failure('upstream_tls', words)
  return new Failure('upstream_down', `${code} ${where}`)
}

const FULL = new Set([
  // A full backlog of a Unix socket (measured: at once; TCP drops the SYN instead).
  'EAGAIN',
  // All ephemeral ports to that address are taken, or in TIME_WAIT.
  'EADDRNOTAVAIL',
  // A server that is there, and with which no handshake succeeds (secure-socket.ts).
  HANDSHAKE_FAILED,
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

/** Classifies the error code of a connect that failed before anything was sent. */
export function connectTrouble(code: string): ConnectTrouble {
  if (FULL.has(code)) return 'full'
  if (code === BIND_FAILED) return 'near'
  return code === 'ETIMEDOUT' ? 'silent' : 'down'
}
