// How many connections wait in a listener's backlog, as Linux shows it to everybody on the machine. Opens no socket and
// keeps nothing.
//
// Of TCP each listener has its accept queue in the column of unread bytes (net/ipv4/tcp_ipv4.c, get_tcp4_sock:
// sk_ack_backlog). A Unix socket that waits to be accepted has a row of its own, with the listener's path and no inode
// (net/unix/af_unix.c, unix_seq_show).

import { type Endpoint, socketNames } from './listeners.ts'
import { eachRow, eachTcpListener } from './rows.ts'

/** More listeners, or Unix sockets, than this are not looked through: a reading must stay short. */
const MOST = 256 * 1024

/** Connections that wait to be accepted there; null when this machine cannot tell: another machine, no /proc. */
export function backlogOf(endpoint: Endpoint): number | null {
  if ('path' in endpoint) return ofPath(endpoint.path)
  const names = socketNames(endpoint)
  if (names === null) return null
  const v4 = ofPort('/proc/net/tcp', names)
  const v6 = ofPort('/proc/net/tcp6', names)
  return v4 === null && v6 === null ? null : (v4 ?? 0) + (v6 ?? 0)
}

function ofPort(file: string, names: ReadonlySet<string>): number | null {
  let waiting: number | null = null
  const complete = eachTcpListener(file, MOST, ([, local = '', , , queues]) => {
    if (names.has(local)) waiting = (waiting ?? 0) + Number.parseInt(queues?.split(':')[1] ?? '0', 16)
  })
  return complete ? waiting : null
}

// Columns: Num RefCount Protocol Flags Type St Inode Path.
function ofPath(path: string): number | null {
  let listens = false
  let waiting = 0
  const complete = eachRow('/proc/net/unix', MOST, line => {
    if (!line.endsWith(path)) return true
    const [, , , flags, , , inode, name] = line.trim().split(/\s+/, 8)
    if (name !== path) return true
    if ((Number.parseInt(flags ?? '', 16) & 0x10000) !== 0) listens = true
    else if (inode === '0') waiting++
    return true
  })
  return complete && listens ? waiting : null
}
