// How large the budgets of a store are and where its files go, with the defaults of the options filled in. Looks at the
// folder and the machine; holds nothing.

import os from 'node:os'
import { size } from './budget.ts'
import { type SpoolFolder, survey } from './folder.ts'

export interface StoreOptions {
  /** Bytes; null: the lesser of 128 MB and an eighth of the memory this process may use. */
  memory: number | null
  /** Bytes; null: the lesser of 8 GB and half the free space of `dir`; 0: memory only. */
  disk: number | null
  dir: string
  /** How many stores of this process share what there is, each taking an equal part; 1 when not given. */
  shares?: number
  /** Takes a line for the operator. */
  warn(message: string): void
}

export interface StoreSizes {
  /** Bytes of memory for all spools together. */
  readonly memory: number
  /** Bytes of disk for all spools together; 0: memory only. */
  readonly disk: number
  /** Where the files are made; null: memory only. */
  readonly folder: SpoolFolder | null
}

const MB = 2 ** 20
const GB = 2 ** 30

/**
 * A folder on tmpfs is memory by another name: nothing is spilled to it, and a message may then hold in memory what it would
 * have held on disk. A folder that cannot be written means the same. Both are said once, through `warn`.
 */
export function sizesFor({ dir, warn, shares = 1, ...options }: StoreOptions): StoreSizes {
  // libuv reads memory.max (cgroup v2) or memory.limit_in_bytes (v1); 0 or beyond the machine's: no limit.
  const machine = os.totalmem()
  const allowed = Math.min(process.constrainedMemory() || machine, machine)
  const memory = Math.floor((options.memory ?? Math.min(128 * MB, Math.floor(allowed / 8))) / shares)
  const memoryOnly: StoreSizes = { memory, disk: 0, folder: null }
  const warned = (problem: string): StoreSizes => {
    warn(
      `spool: ${problem}; bodies stay in memory, ${size(memory)} for all. Give --spool-dir a folder on a disk that this user may write, or --spool-disk 0 to have it so.`,
    )
    return memoryOnly
  }
  if (options.disk === 0) return memoryOnly
  const found = survey(dir)
  if (found.kind === 'unusable') return warned(`${dir} cannot be used (${found.reason})`)
  if (found.kind === 'memory') return warned(`${dir} is tmpfs, which is memory itself`)
  const disk = Math.floor((options.disk ?? Math.min(8 * GB, Math.floor(found.free / 2))) / shares)
  return disk === 0 ? warned(`${dir} has no free space`) : { memory, disk, folder: found.folder }
}
