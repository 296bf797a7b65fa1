// Which processes belong to a contender, and what they used, read from /proc (Linux). A contender runs in a
// process group of its own (see children.ts), so its helpers and workers are found without a walk of the tree.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const ticksPerSecond = 100

interface Stat {
  pid: number
  parent: number
  group: number
  /** Seconds of user and system time, children that were waited for included. */
  cpu: number
}

function stat(pid: number): Stat | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null // ended meanwhile
  }
  // The name is in brackets and may hold anything; fields are counted after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z') return null // ended, and not yet waited for by whoever inherited it
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return { pid, parent: Number(fields[1]), group: Number(fields[2]), cpu: ticks / ticksPerSecond }
}

function all(): Stat[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => stat(Number(name)))
    .filter(found => found !== null)
}

/** Ids of a group's processes. */
export function groupMembers(group: number): number[] {
  return all()
    .filter(each => each.group === group)
    .map(each => each.pid)
}

/** Ids of a process's direct children, ascending. */
export function childrenOf(pid: number): number[] {
  return all()
    .filter(each => each.parent === pid)
    .map(each => each.pid)
    .sort((a, b) => a - b)
}

/** Seconds of processor time a group has used so far. */
export function cpuSeconds(group: number): number {
  return all()
    .filter(each => each.group === group)
    .reduce((sum, each) => sum + each.cpu, 0)
}

/** Resident memory of these processes together, in bytes. Shared pages count in each; differences cancel them. */
export function residentBytes(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of pids) {
    try {
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
    } catch {
      // ended meanwhile
    }
  }
  return kilobytes * 1024
}

/** Watches a group's resident memory every 10 ms; the returned function stops it and gives the highest, in bytes. */
export function watchResident(group: number): () => number {
  const pids = groupMembers(group)
  let highest = residentBytes(pids)
  const timer = setInterval(() => {
    highest = Math.max(highest, residentBytes(pids))
  }, 10)
  return () => {
    clearInterval(timer)
    return Math.max(highest, residentBytes(pids))
  }
}
