// How many connections wait in a listener's backlog, as Linux shows it to everybody on the machine. Opens no socket and
// keeps nothing but its buffer.
//
// Of TCP the kernel prints the listeners first, each with its accept queue in the column of unread bytes
// (net/ipv4/tcp_ipv4.c, get_tcp4_sock: sk_ack_backlog), so that the first few kilobytes do: 0.12 ms of processor time
// for a reading beside 46,000 other sockets, of which the whole table takes 250 ms. A Unix socket that waits to be
// accepted has a row of its own, with the listener's path and no inode (net/unix/af_unix.c, unix_seq_show).

import { closeSync, openSync, readSync } from 'node:fs'
import { type Endpoint, socketNames } from './listeners.ts'

const PIECE = 4096
/** More listeners, or Unix sockets, than this are not looked through: a reading must stay short. */
const MOST = 256 * 1024
const buffer = Buffer.allocUnsafe(PIECE)

/** Connections that wait to be accepted there; null when this machine cannot tell: another machine, no /proc. */
export function backlogOf(endpoint: Endpoint): number | null {
  if ('path' in endpoint) return ofPath(endpoint.path)
  const names = socketNames(endpoint)
  if (names === null) return null
  const v4 = ofPort('/proc/net/tcp', names)
  const v6 = ofPort('/proc/net/tcp6', names)
  return v4 === null && v6 === null ? null : (v4 ?? 0) + (v6 ?? 0)
}

// Columns: sl local_address rem_address st tx_queue:rx_queue …
function ofPort(file: string, names: ReadonlySet<string>): number | null {
  let waiting: number | null = null
  const complete = eachLine(file, line => {
    const [, local, , state, queues] = line.trim().split(/\s+/, 5)
    // The connections come after the listeners, and are of no interest.
    if (state !== '0A') return local === 'local_address'
    if (names.has(local ?? '')) waiting = (waiting ?? 0) + Number.parseInt(queues?.split(':')[1] ?? '0', 16)
    return true
  })
  return complete ? waiting : null
}

// Columns: Num RefCount Protocol Flags Type St Inode Path.
function ofPath(path: string): number | null {
  let listens = false
  let waiting = 0
  const complete = eachLine('/proc/net/unix', line => {
    if (!line.endsWith(path)) return true
    const [, , , flags, , , inode, name] = line.trim().split(/\s+/, 8)
    if (name !== path) return true
    if ((Number.parseInt(flags ?? '', 16) & 0x10000) !== 0) listens = true
    else if (inode === '0') waiting++
    return true
  })
  return complete && listens ? waiting : null
}

/** Reads line by line until `take` wants no more or the file ends; false when it cannot be read, or not to its end. */
function eachLine(file: string, take: (line: string) => boolean): boolean {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return false
  }
  try {
    let rest = ''
    for (let total = 0; total < MOST; ) {
      const bytes = readSync(fd, buffer, 0, PIECE, null)
      if (bytes === 0) return true
      total += bytes
      const lines = (rest + buffer.toString('latin1', 0, bytes)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (!take(line)) return true
    }
    return false
  } catch {
    return false
  } finally {
    closeSync(fd)
  }
}
