// The folder of the spools' files: whether it can be used, how a file without a name is made in it, and the
// leftovers of dead processes. Bounds how many file operations run at once. Knows no budget and no message.

import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** What the spool needs of `node:fs`; a test may put a failing disk in its place. */
export type SpoolFs = Pick<
  typeof fs,
  'open' | 'openSync' | 'unlinkSync' | 'writev' | 'read' | 'ftruncate' | 'close'
>

/** What was found about a folder: usable, memory in disguise, or of no use, and then why. */
export type Survey =
  | { readonly kind: 'disk'; readonly folder: SpoolFolder; readonly free: number }
  | { readonly kind: 'memory' }
  | { readonly kind: 'unusable'; readonly reason: string }

/** statfs(2): TMPFS_MAGIC and RAMFS_MAGIC. */
const MEMORY_TYPES: readonly number[] = [0x01021994, 0x858458f6]
/**
 * open(2): a file that never has a name. Node has no constant for it; `__O_TMPFILE` is the same on x86-64 and
 * arm64, `O_DIRECTORY`, which belongs to it, is not. Zero where there is no such thing.
 */
const O_TMPFILE = process.platform === 'linux' ? fs.constants.O_DIRECTORY | 0o20000000 : 0
/** libuv has four threads for files and for DNS together; one is always left for the others. */
const AT_ONCE = 3
const LEFTOVER = /^shieldproxy-(\d{1,10})-[0-9a-f]+$/

export class SpoolFolder {
  readonly dir: string
  readonly fs: SpoolFs
  /** Whether files without a name can be made here. */
  readonly nameless: boolean
  #running = 0
  readonly #queue: Array<() => void> = []
  #next = 0

  constructor(dir: string, nameless: boolean, disk: SpoolFs = fs) {
    this.dir = dir
    this.nameless = nameless
    this.fs = disk
  }

  /** Opens a new file that no folder lists, readable and writable by this process alone. */
  open(done: (error: NodeJS.ErrnoException | null, fd: number) => void): void {
    if (this.nameless) {
      this.fs.open(this.dir, O_TMPFILE | fs.constants.O_RDWR, 0o600, done)
      return
    }
    // Both calls at once, so that a kill finds as short a moment as possible in which the file has a name.
    let fd: number
    try {
      fd = openNamed(this.dir, this.fs)
    } catch (error) {
      queueMicrotask(() => done(error as NodeJS.ErrnoException, -1))
      return
    }
    queueMicrotask(() => done(null, fd))
  }

  /** Runs a file operation as soon as fewer than three are running; `finished` must follow each. */
  run(operation: () => void): void {
    if (this.#running < AT_ONCE) {
      this.#running++
      operation()
    } else this.#queue.push(operation)
  }

  /** One operation has ended: the next in line begins. */
  finished(): void {
    const next = this.#queue[this.#next]
    if (next === undefined) {
      this.#running--
      return
    }
    this.#next++
    if (this.#next === this.#queue.length) this.#queue.length = this.#next = 0
    else if (this.#next >= 1024) {
      this.#queue.splice(0, this.#next)
      this.#next = 0
    }
    next()
  }
}

/** Looks at `dir`: makes a file in it as a spool would, and sweeps what dead processes left there. */
export function survey(dir: string): Survey {
  let free: number
  try {
    const found = fs.statfsSync(dir)
    if (process.platform === 'linux' && MEMORY_TYPES.includes(found.type)) return { kind: 'memory' }
    free = found.bavail * found.bsize
  } catch (error) {
    return { kind: 'unusable', reason: (error as Error).message }
  }
  sweep(dir)
  if (O_TMPFILE !== 0) {
    try {
      fs.closeSync(fs.openSync(dir, O_TMPFILE | fs.constants.O_RDWR, 0o600))
      return { kind: 'disk', folder: new SpoolFolder(dir, true), free }
    } catch {
      // Not every file system can (EOPNOTSUPP; EISDIR on old kernels). If the folder cannot be written at
      // all, the next try says so in plainer words.
    }
  }
  try {
    fs.closeSync(openNamed(dir, fs))
    return { kind: 'disk', folder: new SpoolFolder(dir, false), free }
  } catch (error) {
    return { kind: 'unusable', reason: (error as Error).message }
  }
}

/** Removes files of our own kind and owner in `dir` whose process is gone. Errors are left to the next start. */
export function sweep(dir: string): void {
  let names: string[]
  try {
    names = fs.readdirSync(dir)
  } catch {
    return
  }
  for (const name of names) {
    const match = LEFTOVER.exec(name)
    if (match === null || isAlive(Number(match[1]))) continue
    const file = path.join(dir, name)
    try {
      const found = fs.lstatSync(file)
      if (found.isFile() && found.uid === process.getuid?.()) fs.unlinkSync(file)
    } catch {
      // Another process swept it first.
    }
  }
}

/** Whether there is a process of that number. */
export function isAlive(pid: number): boolean {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function openNamed(dir: string, disk: Pick<SpoolFs, 'openSync' | 'unlinkSync'>): number {
  const file = path.join(dir, `shieldproxy-${process.pid}-${randomBytes(8).toString('hex')}`)
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = fs.constants
  const fd = disk.openSync(file, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600)
  disk.unlinkSync(file)
  return fd
}
