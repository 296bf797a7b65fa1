// Which process is at the other end of a connection of ours on this machine, by the kernel's table of connections and
// the sockets that processes hold. Unix sockets have no such table: their ends are not told.

import { readFile } from 'node:fs/promises'
import { socketsOf } from './processes.ts'

/**
 * @param ports our ends of the connections
 * @param serverPort the other end of all of them
 * @param pids the processes that may hold it
 * @returns the process by our port, for those that are found
 */
export async function peersOf(
  ports: ReadonlySet<number>,
  serverPort: number,
  pids: readonly number[],
): Promise<Map<number, number>> {
  const portOf = new Map<string, number>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(file, 'utf8').catch(() => '')
    for (const [, port = '', inode = ''] of table.matchAll(rowsOf(serverPort))) {
      const ours = Number.parseInt(port, 16)
      // One that still waits in the backlog has no owner, and the inode 0.
      if (inode !== '0' && ports.has(ours)) portOf.set(inode, ours)
    }
  }
  const found = new Map<number, number>()
  if (portOf.size === 0) return found
  for (const pid of pids) {
    for (const inode of socketsOf(pid)) {
      const ours = portOf.get(inode)
      if (ours !== undefined) found.set(ours, pid)
    }
  }
  return found
}

// Columns: sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; addresses are hex, with the port
// after a colon.
function rowsOf(serverPort: number): RegExp {
  const port = serverPort.toString(16).toUpperCase().padStart(4, '0')
  return new RegExp(
    `^ *\\d+: [0-9A-F]+:${port} [0-9A-F]+:([0-9A-F]{4}) \\S+ \\S+ \\S+ \\S+ +\\d+ +\\d+ (\\d+) `,
    'gm',
  )
}
