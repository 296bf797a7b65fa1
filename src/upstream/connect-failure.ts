// What a failed connect means: nobody there (the upstream is down), or somebody there who cannot take it now.
// In either case nothing was sent, so that any request may go again.

/** `down`: it refuses; `full`: its backlog is full, or we lack a port or a descriptor; `silent`: no answer. */
export type ConnectTrouble = 'down' | 'full' | 'silent'

const FULL = new Set([
  // A full backlog of a Unix socket (measured: at once; TCP drops the SYN instead).
  'EAGAIN',
  // All ephemeral ports to that address are taken, or in TIME_WAIT.
  'EADDRNOTAVAIL',
  // A server that is there, and with which no handshake succeeds (secure-socket.ts).
  'ETLS',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
])

/** Classifies the error code of a connect that failed before anything was sent. */
export function connectTrouble(code: string): ConnectTrouble {
  if (FULL.has(code)) return 'full'
  return code === 'ETIMEDOUT' ? 'silent' : 'down'
}
