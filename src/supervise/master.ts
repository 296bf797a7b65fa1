// Which process of the app's group signals are for. The command may be a shell or a launcher (`sh -c 'cd backend &&
// poetry run gunicorn …'`), and those pass nothing on: dash and bash end at TERM and leave their child behind. Nor may
// the whole group be told everything: a gunicorn worker ends at HUP and at USR2 (gunicorn/workers/base.py gives both
// their default action). So the one is looked for that opened the listening socket: it holds it, and its parent does not,
// while the workers have it from their parent. Finds only; sends nothing.

import { type Endpoint, listenerInodes } from '../kernel/listeners.ts'
import { allProcesses, childrenOf, holdsSocket, type ProcessRow } from '../kernel/processes.ts'

/** The server's first process, and the socket it listens with. */
export interface Master {
  readonly pid: number
  readonly inodes: readonly string[]
}

/**
 * Finds it among the processes of a group.
 * @returns null where it cannot be seen: no /proc, another user's processes, another machine, nobody listening
 */
export async function findMaster(group: number, places: readonly Endpoint[]): Promise<Master | null> {
  const inodes: string[] = []
  for (const place of places) inodes.push(...((await listenerInodes(place)) ?? []))
  const rows = allProcesses()
  if (rows === null || inodes.length === 0) return null
  const members = rows.filter(row => row.group === group && row.state !== 'Z')
  const holders = members.filter(row => holdsSocket(row.pid, inodes))
  const pids = new Set(holders.map(row => row.pid))
  const first = holders.filter(row => !pids.has(row.parent)).sort(byAge)[0]
  return first === undefined ? null : { pid: first.pid, inodes }
}

// Two of them at once are a server and what it is being replaced by (USR2), whose parent has ended.
function byAge(a: ProcessRow, b: ProcessRow): number {
  return a.pid - b.pid
}

/** The server's worker processes: its children that have the socket too. Null where they cannot be seen. */
export function workersOf(master: Master): number[] | null {
  return childrenOf(master.pid)?.filter(pid => holdsSocket(pid, master.inodes)) ?? null
}
