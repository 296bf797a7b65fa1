// Node's calls of the file system, as promises that never fail: what went wrong comes back. Paths are text of one character a
// byte; one with a NUL in it stands for nothing. Knows no file of anybody's.

import {
  type BigIntStats,
  close,
  constants,
  fstat,
  lstat,
  open,
  read,
  rename,
  stat,
  unlink,
  write,
  writev,
} from 'node:fs'

type Errno = NodeJS.ErrnoException
type Stats = BigIntStats | Errno

/** A path as the kernel takes it: each character one byte. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}

const NOTHING: Errno = Object.assign(new Error('ENOENT'), { code: 'ENOENT', errno: 2 })
/** A link where none may be followed. */
export const LINKED: Errno = Object.assign(new Error('ELOOP'), { code: 'ELOOP', errno: 40 })

/** For a file that is to be new, and no link to another. */
export const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** A descriptor, which the caller closes. @param mode of a file that is made */
export function opened(path: string, flags: number, mode?: number): Promise<number | Errno> {
  if (path.includes('\0')) return Promise.resolve(NOTHING)
  return new Promise(resolve => {
    open(bytesOf(path), flags, mode, (error, descriptor) => resolve(error ?? descriptor))
  })
}

/** There is nothing that could be done about a failure. */
export function closeFile(descriptor: number): Promise<void> {
  return new Promise(resolve => close(descriptor, () => resolve()))
}

/** What a call came to; null: all is well. */
export function done(call: (callback: (error: Errno | null) => void) => void): Promise<Errno | null> {
  return new Promise(resolve => call(resolve))
}

/** rename(2): what was at `to` is gone. Null: it is done. */
export function moved(from: string, to: string): Promise<Errno | null> {
  return done(callback => rename(bytesOf(from), bytesOf(to), callback))
}

/** unlink(2): a link itself, and not what it leads to. Null: it is done. */
export function unlinked(path: string): Promise<Errno | null> {
  return done(callback => unlink(bytesOf(path), callback))
}

/** All of these bytes, of which the kernel may take less at a time. @param at null: where the last write ended */
export async function written(
  descriptor: number,
  bytes: Buffer,
  at: number | null = null,
): Promise<Errno | null> {
  for (let from = 0; from < bytes.length; ) {
    const wrote = await new Promise<number | Errno>(resolve =>
      write(descriptor, bytes, from, bytes.length - from, at === null ? null : at + from, (error, count) =>
        resolve(error ?? count),
      ),
    )
    if (typeof wrote !== 'number') return wrote
    from += wrote
  }
  return null
}

/** The same of several, one behind the other. @param at where the first of them goes */
export async function writtenAll(
  descriptor: number,
  pieces: readonly Buffer[],
  at: number,
): Promise<Errno | null> {
  const wrote = await new Promise<number | Errno>(resolve =>
    writev(descriptor, pieces, at, (error, count) => resolve(error ?? count)),
  )
  if (typeof wrote !== 'number') return wrote
  let before = 0
  for (const piece of pieces) {
    const left = piece.subarray(Math.max(0, wrote - before))
    const lost =
      left.length === 0 ? null : await written(descriptor, left, at + before + piece.length - left.length)
    if (lost !== null) return lost
    before += piece.length
  }
  return null
}

/** At most so many bytes from there; what cannot be read is not there. */
export function readAt(descriptor: number, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length)
  return new Promise(resolve => {
    read(descriptor, buffer, 0, length, from, (error, bytes) =>
      resolve(buffer.subarray(0, error === null ? bytes : 0)),
    )
  })
}

/** Of what the path leads to, through links. */
export function statOf(path: string): Promise<Stats> {
  if (path.includes('\0')) return Promise.resolve(NOTHING)
  return new Promise(resolve => {
    stat(bytesOf(path), { bigint: true }, (error, found) => resolve(error ?? found))
  })
}

/** Of what the path itself names. */
export function linkStatOf(path: string): Promise<Stats> {
  if (path.includes('\0')) return Promise.resolve(NOTHING)
  return new Promise(resolve => {
    lstat(bytesOf(path), { bigint: true }, (error, found) => resolve(error ?? found))
  })
}

/** Of an open file. */
export function statOfOpen(descriptor: number): Promise<Stats> {
  return new Promise(resolve => {
    fstat(descriptor, { bigint: true }, (error, found) => resolve(error ?? found))
  })
}

/** Of an open file, in bytes; -1: it is none. */
export async function sizeOf(descriptor: number): Promise<number> {
  const found = await statOfOpen(descriptor)
  return found instanceof Error || !found.isFile() ? -1 : Number(found.size)
}
