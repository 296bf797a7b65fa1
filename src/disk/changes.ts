// What changes a disk: files written, folders made, both moved and removed. All of it is done within folders that are held
// open, so that no link that appears on the way to one leads elsewhere. Never throws: what went wrong comes back. Decides
// nothing: what may be changed is for whoever asks.

import { fchmod, futimes, mkdir, readdir, rmdir, utimes } from 'node:fs'
import { bytesOf, closeFile, done, FRESH, LINKED, moved, opened, unlinked, written } from './calls.ts'
import { draftName } from './drafts.ts'
import { DiskFailure } from './failure.ts'
import { lookAtLink, openFolder, type SymlinkGuard } from './open-file.ts'

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
  return new DiskFailure('open()', path, LINKED)
}

/** @param mode of which the process's mask takes away what it does */
export function makeFolder({ path, reach }: Place, mode: number): Promise<DiskFailure | null> {
  return told(
    'mkdir()',
    path,
    done(callback => mkdir(bytesOf(reach), mode, callback)),
  )
}

/** Null: it is gone. */
export function removeFile({ path, reach }: Place): Promise<DiskFailure | null> {
  return told('unlink()', path, unlinked(reach))
}

/** What was there before is gone. Null: it is done. */
export function moveTo({ path, reach }: Place, to: Place): Promise<DiskFailure | null> {
  return told('rename()', path, moved(reach, to.reach))
}

/** The times of a folder. @param seconds since 1970 */
function datePlace({ path, reach }: Place, seconds: number): Promise<DiskFailure | null> {
  return told(
    'utimes()',
    path,
    done(callback => utimes(bytesOf(reach), seconds, seconds, callback)),
  )
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
  const draft = { path: place.path, reach: folder + draftName() }
  const descriptor = await opened(draft.reach, FRESH, terms.mode)
  if (typeof descriptor !== 'number') return new DiskFailure('open()', place.path, descriptor)
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
  tell: (failure: DiskFailure) => void,
): Promise<DiskFailure | null> {
  const names = await namesIn(place)
  if (names instanceof DiskFailure) return names
  for (const name of names) {
    const entry = within(place, name)
    const found = await lookAtLink(entry.reach)
    const isFolder = !(found instanceof DiskFailure) && found.kind === 'folder'
    const failure = isFolder ? await removeTree(entry, tell) : await removeFile(entry)
    if (failure !== null) tell(failure)
  }
  return told(
    'rmdir()',
    place.path,
    done(callback => rmdir(bytesOf(place.reach), callback)),
  )
}

/**
 * The files and folders of a folder into another, which is there; links and what else there may be are left out. What
 * cannot be copied is told, and the rest is copied all the same.
 */
export async function copyTree(
  from: Place,
  to: Place,
  copyFile: (from: Place, to: Place) => Promise<DiskFailure | null>,
  tell: (failure: DiskFailure) => void,
): Promise<void> {
  const names = await namesIn(from)
  if (names instanceof DiskFailure) return tell(names)
  for (const name of names) {
    const [source, target] = [within(from, name), within(to, name)]
    const found = await lookAtLink(source.reach)
    if (found instanceof DiskFailure) tell(found)
    else if (found.kind === 'file') {
      const failure = await copyFile(source, target)
      if (failure !== null) tell(failure)
    } else if (found.kind === 'folder') {
      const failure = await makeFolder(target, searchable(found.mode))
      if (failure !== null) tell(failure)
      await copyTree(source, target, copyFile, tell)
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

async function fill(
  descriptor: number,
  path: string,
  pieces: AsyncIterable<Buffer>,
  { mode, exact, changed }: FileTerms,
): Promise<DiskFailure | null> {
  for await (const piece of pieces) {
    const failure = await told('write()', path, written(descriptor, piece))
    if (failure !== null) return failure
  }
  if (exact) {
    const failure = await told(
      'chmod()',
      path,
      done(callback => fchmod(descriptor, mode, callback)),
    )
    if (failure !== null) return failure
  }
  if (changed === null) return null
  return told(
    'futimes()',
    path,
    done(callback => futimes(descriptor, changed, changed, callback)),
  )
}

function namesIn({ path, reach }: Place): Promise<string[] | DiskFailure> {
  return new Promise(resolve => {
    readdir(bytesOf(reach), { encoding: 'buffer' }, (error, names) => {
      if (error !== null) resolve(new DiskFailure('opendir()', path, error))
      else resolve(names.map(name => name.toString('latin1')))
    })
  })
}

/** A call that failed, by its name and the path that people know. */
async function told(
  call: string,
  path: string,
  outcome: Promise<NodeJS.ErrnoException | null>,
): Promise<DiskFailure | null> {
  const error = await outcome
  return error === null ? null : new DiskFailure(call, path, error)
}
