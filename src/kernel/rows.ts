// The rows of the kernel's tables of sockets, as far as somebody wants to read them: of a busy machine's tens of thousands
// mostly the first few. Opens no socket and keeps nothing but its buffer.

import { closeSync, openSync, readSync } from 'node:fs'

const PIECE = 4096
const buffer = Buffer.allocUnsafe(PIECE)

/**
 * Reads row by row until `take` wants no more or the table ends.
 * @param most bytes; longer tables are not looked through
 * @returns false when it cannot be read, or not as far as that
 */
export function eachRow(file: string, most: number, take: (row: string) => boolean): boolean {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return false
  }
  try {
    let rest = ''
    for (let total = 0; total < most; ) {
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

/**
 * The listeners of `/proc/net/tcp` or `tcp6`, which the kernel prints before all other sockets (net/ipv4/tcp_ipv4.c,
 * tcp_get_idx): beside 46,000 of these the whole table takes it 250 ms, and the first few kilobytes 0.12.
 * @param take gets the columns: sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode
 * @returns as above
 */
export function eachTcpListener(
  file: string,
  most: number,
  take: (columns: readonly string[]) => void,
): boolean {
  return eachRow(file, most, row => {
    const columns = row.trim().split(/\s+/, 10)
    if (columns[3] !== LISTEN) return columns[1] === 'local_address'
    take(columns)
    return true
  })
}

/** State 0A: a listener (include/net/tcp_states.h). */
const LISTEN = '0A'
