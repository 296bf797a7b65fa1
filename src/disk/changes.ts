// What changes a disk: files written, folders made, both moved and removed. All of it is done within folders that are held
// open, so that no link that appears on the way to one leads elsewhere. Never throws: what went wrong comes back. Decides
// nothing: what may be changed is for whoever asks.

import { randomBytes } from 'node:crypto'
import {
  constants,
  fchmod,
  futimes,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  unlink,
  utimes,
  write,
} from 'node:fs'
import { DiskFailure } from './failure.ts'
import { closeFile, lookAtLink, openFolder, type SymlinkGuard } from './open-file.ts'

/** Something in a folder that is held, whether it is there or not. */
export interface Place {
  /** What it is called by in messages. */
  readonly path: string
  /** By which it is reached, as long as its folder is held. */
  readonly reach: string
}

export class HeldFolder {
  readonly #descriptor: number
  readonly #path: string

  /** Takes the descriptor over. @param path with a slash at its end */
  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor
    this.#path = path
  }

  /** @param name one part of a path, never `..` */
  place(name: string): Place {
    return { path: this.#path + name, reach: `/proc/self/fd/${this.#descriptor}/${name}` }
  }

  async letGo(): Promise<void> {
    await closeFile(this.#descriptor)
  }
}

/** @param path with a slash at its end */
export async function holdFolder(
  path: string,
  guard: SymlinkGuard | null,
): Promise<HeldFolder | DiskFailure> {
  const descriptor = await openFolder(path, guard)
  if (!(descriptor instanceof DiskFailure)) return new HeldFolder(descriptor, path)
  // So the system calls a link where a folder was asked for and links are not followed.
  if (guard === null || descriptor.code !== 'ENOTDIR') return descriptor
  return new DiskFailure('open()', path, { code: 'ELOOP', errno: 40 })
}

/** @param mode of which the process's mask takes away what it does */
export function makeFolder({ path, reach }: Place, mode: number): Promise<DiskFailure | null> {
  return done('mkdir()', path, told => mkdir(bytesOf(reach), mode, told))
}

export function removeFile({ path, reach }: Place): Promise<DiskFailure | null> {
  return done('unlink()', path, told => unlink(bytesOf(reach), told))
}

export function moveTo({ path, reach }: Place, to: Place): Promise<DiskFailure | null> {
  return done('rename()', path, told => rename(bytesOf(reach), bytesOf(to.reach), told))
}

/** The times of a folder. @param seconds since 1970 */
export function datePlace({ path, reach }: Place, seconds: number): Promise<DiskFailure | null> {
  return done('utimes()', path, told => utimes(bytesOf(reach), seconds, seconds, told))
}

/** What a file that is written is to be. */
export interface FileTerms {
  readonly mode: number
  /** False: the process's mask takes away what it does. */
  readonly exact: boolean
  /** When it was changed, in seconds since 1970; null: now. */
  readonly changed: number | null
}

/**
 * A whole file in the place of what is there, at once: nobody sees a part of it, and where it cannot be written what was
 * there stays. A link there is replaced, and not followed.
 * @throws what reading the pieces throws; nothing of the file is left then
 */
export async function replaceFile(
  place: Place,
  pieces: AsyncIterable<Buffer>,
  terms: FileTerms,
): Promise<DiskFailure | null> {
  const folder = place.reach.slice(0, place.reach.lastIndexOf('/') + 1)
  const draft = { path: place.path, reach: `${folder}.${randomBytes(12).toString('hex')}.part` }
  const descriptor = await created(draft, terms.mode)
  if (descriptor instanceof DiskFailure) return descriptor
  let failure: DiskFailure | null = null
  let whole = false
  try {
    failure = await fill(descriptor, place.path, pieces, terms)
    whole = failure === null
  } finally {
    await closeFile(descriptor)
    if (!whole) await removeFile(draft)
  }
  if (failure !== null) return failure
  failure = await moveTo(draft, place)
  if (failure !== null) await removeFile(draft)
  return failure
}

/**
 * A folder with all that is in it. Links are removed, and not followed. What cannot be removed is told, and the rest is
 * removed all the same; the folder itself is then there still.
 */
export async function removeTree(
  place: Place,
  told: (failure: DiskFailure) => void,
): Promise<DiskFailure | null> {
  const names = await namesIn(place)
  if (names instanceof DiskFailure) return names
  for (const name of names) {
    const entry = within(place, name)
    const found = await lookAtLink(entry.reach)
    const isFolder = !(found instanceof DiskFailure) && found.kind === 'folder'
    const failure = isFolder ? await removeTree(entry, told) : await removeFile(entry)
    if (failure !== null) told(failure)
  }
  return done('rmdir()', place.path, said => rmdir(bytesOf(place.reach), said))
}

/**
 * The files and folders of a folder into another, which is there; links and what else there may be are left out. What
 * cannot be copied is told, and the rest is copied all the same.
 */
export async function copyTree(
  from: Place,
  to: Place,
  copyFile: (from: Place, to: Place) => Promise<DiskFailure | null>,
  told: (failure: DiskFailure) => void,
): Promise<void> {
  const names = await namesIn(from)
  if (names instanceof DiskFailure) return told(names)
  for (const name of names) {
    const [source, target] = [within(from, name), within(to, name)]
    const found = await lookAtLink(source.reach)
    if (found instanceof DiskFailure) told(found)
    else if (found.kind === 'file') {
      const failure = await copyFile(source, target)
      if (failure !== null) told(failure)
    } else if (found.kind === 'folder') {
      const failure = await makeFolder(target, searchable(found.mode))
      if (failure !== null) told(failure)
      await copyTree(source, target, copyFile, told)
      await datePlace(target, found.changed)
    }
  }
}

/** The mode of a folder whose files have this one: whoever may read may search (ngx_dir_access). */
export function searchable(mode: number): number {
  return mode | ((mode & 0o444) >> 2)
}

function within({ path, reach }: Place, name: string): Place {
  return { path: `${path}/${name}`, reach: `${reach}/${name}` }
}

function created({ path, reach }: Place, mode: number): Promise<number | DiskFailure> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  return new Promise(resolve => {
    open(bytesOf(reach), flags, mode, (error, descriptor) =>
      resolve(error === null ? descriptor : new DiskFailure('open()', path, error)),
    )
  })
}

async function fill(
  descriptor: number,
  path: string,
  pieces: AsyncIterable<Buffer>,
  { mode, exact, changed }: FileTerms,
): Promise<DiskFailure | null> {
  for await (const piece of pieces) {
    const failure = await written(descriptor, path, piece)
    if (failure !== null) return failure
  }
  if (exact) {
    const failure = await done('chmod()', path, told => fchmod(descriptor, mode, told))
    if (failure !== null) return failure
  }
  if (changed === null) return null
  return done('futimes()', path, told => futimes(descriptor, changed, changed, told))
}

async function written(descriptor: number, path: string, piece: Buffer): Promise<DiskFailure | null> {
  for (let at = 0; at < piece.length; ) {
    const wrote = await new Promise<number | NodeJS.ErrnoException>(resolve =>
      write(descriptor, piece, at, piece.length - at, null, (error, bytes) => resolve(error ?? bytes)),
    )
    if (typeof wrote !== 'number') return new DiskFailure('write()', path, wrote)
    at += wrote
  }
  return null
}

function namesIn({ path, reach }: Place): Promise<string[] | DiskFailure> {
  return new Promise(resolve => {
    readdir(bytesOf(reach), { encoding: 'buffer' }, (error, names) => {
      if (error !== null) resolve(new DiskFailure('opendir()', path, error))
      else resolve(names.map(name => name.toString('latin1')))
    })
  })
}

function done(
  call: string,
  path: string,
  act: (told: (error: NodeJS.ErrnoException | null) => void) => void,
): Promise<DiskFailure | null> {
  return new Promise(resolve => {
    act(error => resolve(error === null ? null : new DiskFailure(call, path, error)))
  })
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
