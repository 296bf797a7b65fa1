// Opens files and looks at them, with `disable_symlinks` kept where it holds (ngx_open_cached_file, without a cache).
// Never blocks, and never throws: what went wrong comes back.

import { type BigIntStats, constants } from 'node:fs'
import { closeFile, LINKED, linkStatOf, opened, statOf, statOfOpen } from './calls.ts'
import { DiskFailure } from './failure.ts'
import { announced } from './placing.ts'

/** Which symbolic links are not to be followed. */
export interface SymlinkGuard {
  readonly mode: 'on' | 'if_not_owner'
  /** Length of the part of the path that is not looked at; 0: all of it is. */
  readonly from: number
}

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other'
  /** Bytes. */
  readonly size: number
  /** Last change, in whole seconds since 1970. */
  readonly changed: number
  /** Its owner may run it. */
  readonly executable: boolean
  /** Who may do what with it: the last nine bits. */
  readonly mode: number
}

export interface OpenedFile {
  /** Whoever has this closes it. */
  readonly descriptor: number
  readonly facts: FileFacts
}

// Linux, include/uapi/asm-generic/fcntl.h; not among Node's constants: a descriptor that only names a place.
const O_PATH = 0o10000000
/** Not to hang on a FIFO (ngx_open_and_stat_file). */
const READ = constants.O_RDONLY | constants.O_NONBLOCK
const SEARCH = O_PATH | constants.O_DIRECTORY | constants.O_NONBLOCK

/** Opens whatever is there for reading, a folder as well. */
export async function openFile(path: string, guard: SymlinkGuard | null): Promise<OpenedFile | DiskFailure> {
  const coming = announced(path)
  if (coming !== null) await coming
  const descriptor = await openGuarded(path, guard)
  if (descriptor instanceof DiskFailure) return descriptor
  const facts = await factsOf(descriptor)
  if (!(facts instanceof Error)) return { descriptor, facts }
  await closeFile(descriptor)
  return new DiskFailure('fstat()', path, facts)
}

/** A folder, to reach what is in it by. @param path with a slash at its end */
export async function openFolder(path: string, guard: SymlinkGuard | null): Promise<number | DiskFailure> {
  if (guard !== null) return walk(path, guard)
  const descriptor = await opened(path, SEARCH)
  return typeof descriptor === 'number' ? descriptor : new DiskFailure('open()', path, descriptor)
}

/** What is there, links followed as far as the guard lets them be. */
export async function lookAt(path: string, guard: SymlinkGuard | null): Promise<FileFacts | DiskFailure> {
  if (guard === null) {
    const coming = announced(path)
    if (coming !== null) await coming
    const found = await statOf(path)
    return found instanceof Error ? new DiskFailure('stat()', path, found) : factsIn(found)
  }
  const file = await openFile(path, guard)
  if (file instanceof DiskFailure) return file
  await closeFile(file.descriptor)
  return file.facts
}

/** What the path itself names: a symbolic link is `other`. */
export async function lookAtLink(path: string): Promise<FileFacts | DiskFailure> {
  const found = await linkStatOf(path)
  return found instanceof Error ? new DiskFailure('lstat()', path, found) : factsIn(found)
}

async function openGuarded(path: string, guard: SymlinkGuard | null): Promise<number | DiskFailure> {
  if (guard === null) {
    const descriptor = await opened(path, READ)
    return typeof descriptor === 'number' ? descriptor : new DiskFailure('open()', path, descriptor)
  }
  return walk(path, guard)
}

// Component by component, each opened within the one before it, so that none can be exchanged for a link between the
// look and the use (ngx_open_file_wrapper). Node has no openat(); /proc/self/fd stands for it.
async function walk(path: string, guard: SymlinkGuard): Promise<number | DiskFailure> {
  const start = guard.from === 0 ? '/' : path.slice(0, guard.from)
  const first = await opened(start, SEARCH)
  if (typeof first !== 'number') return new DiskFailure('open()', path, first)
  const parts = path.slice(guard.from).split('/')
  const last = parts.pop()!
  let at = first
  for (const part of parts) {
    if (part === '') continue
    const next = await openWithin(at, part, SEARCH, guard)
    await closeFile(at)
    if (typeof next !== 'number') return new DiskFailure('openat()', path, next)
    at = next
  }
  // A slash at the end: what is opened is the folder itself.
  const found =
    last === '' ? await opened(`/proc/self/fd/${at}/.`, READ) : await openWithin(at, last, READ, guard)
  await closeFile(at)
  return typeof found === 'number' ? found : new DiskFailure('openat()', path, found)
}

async function openWithin(
  folder: number,
  name: string,
  flags: number,
  { mode }: SymlinkGuard,
): Promise<number | NodeJS.ErrnoException> {
  const path = `/proc/self/fd/${folder}/${name}`
  if (mode === 'on') return opened(path, flags | constants.O_NOFOLLOW)
  const descriptor = await opened(path, flags)
  if (typeof descriptor !== 'number') return descriptor
  const [itself, behind] = await Promise.all([linkStatOf(path), statOfOpen(descriptor)])
  if (!(itself instanceof Error) && !(behind instanceof Error) && itself.uid === behind.uid) return descriptor
  await closeFile(descriptor)
  if (itself instanceof Error) return itself
  return behind instanceof Error ? behind : LINKED
}

async function factsOf(descriptor: number): Promise<FileFacts | NodeJS.ErrnoException> {
  const found = await statOfOpen(descriptor)
  return found instanceof Error ? found : factsIn(found)
}

function factsIn(found: BigIntStats): FileFacts {
  return {
    kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
    size: Number(found.size),
    // Not from the milliseconds, which are rounded and may be those of the next second.
    changed: Number(found.mtimeNs / 1_000_000_000n),
    executable: (found.mode & 0o100n) !== 0n,
    mode: Number(found.mode & 0o777n),
  }
}
