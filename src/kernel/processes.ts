// The processes of this machine as Linux shows them in /proc: who is whose child, who holds which socket, and what each
// was started with. Reads only; what cannot be read (another user's process, one that has just gone, no /proc) is left out.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  /** The process group. */
  readonly group: number
  /** `Z`: it has ended, and its parent has not yet asked how. */
  readonly state: string
}

/** All processes; null where there is no /proc. */
export function allProcesses(): ProcessRow[] | null {
  const names = list('/proc')
  if (names === null) return null
  const rows: ProcessRow[] = []
  for (const name of names) {
    const row = /^\d+$/.test(name) ? processRow(Number(name)) : null
    if (row !== null) rows.push(row)
  }
  return rows.length === 0 ? null : rows
}

/** One process; null when there is none of that id. */
export function processRow(pid: number): ProcessRow | null {
  const stat = read(`/proc/${pid}/stat`)
  // The name stands in brackets and may hold anything, brackets too (proc_pid_stat(5)); the fields follow the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined || fields.length < 3) return null
  return { pid, state: fields[0]!, parent: Number(fields[1]), group: Number(fields[2]) }
}

/** The children of a process, by every thread of it; null when the kernel does not say (CONFIG_PROC_CHILDREN). */
export function childrenOf(pid: number): number[] | null {
  const children: number[] = []
  for (const thread of list(`/proc/${pid}/task`) ?? []) {
    const text = read(`/proc/${pid}/task/${thread}/children`)
    if (text === null) return null
    for (const child of text.split(' ')) if (child.trim() !== '') children.push(Number(child))
  }
  return children
}

/** Whether a process has one of these sockets open; false also when it may not be looked into. */
export function holdsSocket(pid: number, inodes: readonly string[]): boolean {
  return socketsOf(pid).some(inode => inodes.includes(inode))
}

/** The inodes of the sockets that a process holds; none when it may not be looked into. */
export function socketsOf(pid: number): string[] {
  const inodes: string[] = []
  for (const fd of list(`/proc/${pid}/fd`) ?? []) {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1]
    if (inode !== undefined) inodes.push(inode)
  }
  return inodes
}

/** The words that a process was started with, unless it has put a title in their place; none when they cannot be read. */
export function commandOf(pid: number): string[] {
  const text = read(`/proc/${pid}/cmdline`) ?? ''
  return text === '' ? [] : text.replace(/\0+$/, '').split('\0')
}

/**
 * Variables that a process was started with: those that are asked for and no others, as any may be a secret.
 * @returns null when they may not be read
 */
export function variablesOf(pid: number, names: readonly string[]): Record<string, string> | null {
  const text = read(`/proc/${pid}/environ`)
  if (text === null) return null
  const found: Record<string, string> = {}
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && names.includes(name)) found[name] = entry.slice(equals + 1)
  }
  return found
}

/** A process's working folder, by a path that leads there from here too; null when it may not be looked into. */
export function folderOf(pid: number): string | null {
  const folder = `/proc/${pid}/cwd`
  return list(`${folder}/`) === null ? null : folder
}

function list(folder: string): string[] | null {
  try {
    return readdirSync(folder)
  } catch {
    return null
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
