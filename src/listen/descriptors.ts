// How many client connections the process's limit on open files allows. Reads the limit; sets nothing.

import { readFileSync } from 'node:fs'

/** Where the limit cannot be read, it is what most systems start with. */
const USUAL_LIMIT = 1024
/** For listeners, logs, the runtime's own. */
const OWN = 64

export interface DescriptorLimit {
  /** The soft limit; Node raises it to the hard one at its start. */
  readonly total: number
  /**
   * Client connections that leave room: a quarter is for connections to workers and for spool files. At the
   * limit itself libuv accepts and closes new clients, so that it must never be reached.
   */
  readonly forClients: number
}

/** Reads the soft limit; where that cannot be read, it is the usual one. */
export function descriptorLimit(): DescriptorLimit {
  let total = USUAL_LIMIT
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))
    if (line !== null) total = line[1] === 'unlimited' ? 1_048_576 : Number(line[1])
  } catch {
    // No /proc: another system than Linux.
  }
  return { total, forClients: Math.max(16, Math.floor(total * 0.75) - OWN) }
}
