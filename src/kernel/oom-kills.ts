// How many processes the kernel has killed for want of memory, by its own counters: in the control group that this
// process is in, and on the machine. Reads when asked, keeps nothing, and knows nobody who was killed.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface OomKills {
  /** In our control group (version 2: and those below it); null where that cannot be seen. */
  readonly group: number | null
  /** On the machine, in whatever group; null where that cannot be seen. */
  readonly machine: number | null
}

/** Lines such as `oom_kill 3`: memory.events, memory.oom_control (both since Linux 4.13), /proc/vmstat. */
const COUNT = /^oom_kill (\d+)$/m

/**
 * Counts since the group was made, and since the machine's start.
 * @param root for tests: in place of `/`
 */
export function oomKills(root = '/'): OomKills {
  return { group: groupCount(root), machine: countIn(join(root, 'proc/vmstat')) }
}

// Rows of /proc/self/cgroup: `4:memory:/some/group` (version 1), `0::/some/group` (version 2); cgroups(7). Where the
// controller is bound to version 1, version 2 has none of its files. In a container the row may name the host's path,
// of which only the group itself is mounted.
function groupCount(root: string): number | null {
  const rows = textOf(join(root, 'proc/self/cgroup'))
  const first = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(rows)
  const second = /^0::(.*)$/m.exec(rows)
  const base = join(root, 'sys/fs/cgroup')
  const places =
    first !== null
      ? [join(base, 'memory', first[1]!, 'memory.oom_control'), join(base, 'memory/memory.oom_control')]
      : second !== null
        ? [join(base, second[1]!, 'memory.events'), join(base, 'memory.events')]
        : []
  for (const place of places) {
    const count = countIn(place)
    if (count !== null) return count
  }
  return null
}

function countIn(file: string): number | null {
  const count = COUNT.exec(textOf(file))?.[1]
  return count === undefined ? null : Number(count)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
