// What a process has open, read from /proc (Linux): how many descriptors, and how much its unlinked temporary files
// hold. A file without a name is in no folder; only its owner's descriptors tell of it.

import { readdirSync, readlinkSync, statSync } from 'node:fs'

export interface Open {
  /** All descriptors. */
  count: number
  /** Those that are regular files without a name, and the bytes these occupy on the disk. */
  unlinked: number
  bytes: number
}

/** What these processes have open together; those that ended count nothing. */
export function openIn(pids: readonly number[]): Open {
  const open: Open = { count: 0, unlinked: 0, bytes: 0 }
  for (const pid of pids) {
    for (const descriptor of descriptors(pid)) {
      open.count++
      try {
        const link = `/proc/${pid}/fd/${descriptor}`
        if (!readlinkSync(link).endsWith(' (deleted)')) continue
        const { blocks } = statSync(link)
        open.unlinked++
        open.bytes += blocks * 512 // stat(2): in units of 512 bytes, whatever the file system's
      } catch {
        // closed meanwhile
      }
    }
  }
  return open
}

function descriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}
