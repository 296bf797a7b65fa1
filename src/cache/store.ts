// The files of one cache: opened, checked, removed, their folders made. Links are not followed out of it, and what is not
// ours is left where it is. All of it goes without holding anybody up; what goes wrong is told and never thrown.

import { constants, mkdir } from 'node:fs'
import type { CacheConfig } from '../config/nginx/site.ts'
import {
  bytesOf,
  closeFile,
  done,
  linkStatOf,
  opened,
  readAt,
  sizeOf,
  unlinked,
  written,
} from '../disk/calls.ts'
import { DiskFailure } from '../disk/failure.ts'
import { placeOf } from './keys.ts'
import { type CacheRecord, headLength, type RecordTimes, readRecord, TIMES_AT, writeTimes } from './record.ts'
import { CacheZone } from './zone.ts'

/** A file that was opened, and what its head says. */
export interface OpenRecord {
  readonly record: CacheRecord
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  readonly bodyStart: number
  readonly bodyLength: number
  /** All of the body, where it is small; the file is closed then. */
  readonly body: Buffer | null
  /** Whoever has this closes it; -1: it is closed. */
  readonly descriptor: number
}

/** What is said where something is wrong: for the error log, and for the operator once in a while. */
export interface CacheLog {
  error(level: 'crit' | 'alert' | 'notice' | 'info', message: string): void
  warn(message: string): void
}

const { O_RDONLY, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants
/** No link to another, and not to hang on a FIFO. */
export const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
/** Read at once: the head, and with it the whole of most answers. */
const FIRST = 32 * 1024
/** So many folders are remembered to be what they should. */
const REMEMBERED = 8_192

export class CacheStore {
  readonly config: CacheConfig
  readonly zone: CacheZone
  readonly log: CacheLog
  /** Folders that were looked at: they are no links. */
  readonly #folders = new Set<string>()

  constructor(config: CacheConfig, memory: SharedArrayBuffer, log: CacheLog) {
    this.config = config
    this.zone = new CacheZone(memory)
    this.log = log
  }

  place(digest: string): { readonly folder: string; readonly file: string } {
    return placeOf(this.config.path, this.config.levels, digest)
  }

  /**
   * Null: there is none. One that is damaged is none, and removed. `closed`: there may well be one, but it cannot be opened
   * now, as when too many files are open.
   */
  async open(digest: string): Promise<OpenRecord | 'closed' | null> {
    const { folder, file } = this.place(digest)
    if (!(await this.#isPlain(folder))) return null
    const descriptor = await opened(file, READ)
    if (typeof descriptor !== 'number') {
      const failure = new DiskFailure('open()', file, descriptor)
      if (failure.isAbsence) return null
      this.log.error('crit', failure.text)
      return failure.isShortage ? 'closed' : null
    }
    const found = await this.#look(descriptor, file)
    if (typeof found === 'object' && found.body === null) return found
    await closeFile(descriptor)
    if (typeof found === 'object') return { ...found, descriptor: -1 }
    this.log.error('crit', `cache file "${file}" ${found}`)
    if (found !== FOREIGN) await this.remove(digest)
    return null
  }

  // What is wrong with it comes as words. One whose moments are being written is looked at again.
  async #look(descriptor: number, path: string, again = true): Promise<OpenRecord | string> {
    let start = await readAt(descriptor, 0, FIRST)
    const length = headLength(start)
    if (length === null)
      return start.length === 0 || start.toString('latin1', 0, 4) === 'SHIE' ? CUT : FOREIGN
    if (length > start.length) start = Buffer.concat([start, await readAt(descriptor, start.length, length)])
    const read = readRecord(start)
    if (read === null) return again ? this.#look(descriptor, path, false) : 'is damaged'
    const { record, bodyStart, bodyLength } = read
    const size = bodyStart + bodyLength
    const found = { record, path, size, bodyStart, bodyLength, descriptor }
    if (size <= start.length) return { ...found, body: start.subarray(bodyStart, size) }
    return (await sizeOf(descriptor)) === size ? { ...found, body: null } : CUT
  }

  /** Nobody needs the file any more. */
  close(record: OpenRecord | null): void {
    if (record !== null && record.descriptor !== -1) void closeFile(record.descriptor)
  }

  /** Removes the file of a digest. */
  async remove(digest: string): Promise<void> {
    const { folder, file } = this.place(digest)
    if (!(await this.#isPlain(folder))) return
    const error = await unlinked(file)
    if (error !== null && error.code !== 'ENOENT')
      this.log.error('crit', new DiskFailure('unlink()', file, error).text)
  }

  /** The answer was found to be good still: the moments of its file are set anew, where it is the one that was read. */
  async renew({ path, size, record }: OpenRecord, times: RecordTimes): Promise<void> {
    const descriptor = await opened(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
    if (typeof descriptor !== 'number') return
    if (record.key !== '' && (await sizeOf(descriptor)) === size)
      await written(descriptor, writeTimes(times), TIMES_AT)
    await closeFile(descriptor)
  }

  /** Has the folder of a file made, with those around it. A failure comes back. */
  async makeFolder(folder: string): Promise<NodeJS.ErrnoException | null> {
    if (this.#folders.has(folder)) return null
    // Level by level: Node's own way to make several at once does not end below /proc.
    const make = () => done(callback => mkdir(bytesOf(folder), 0o700, callback))
    let error = await make()
    if (error?.code === 'ENOENT' && folder !== '') {
      const around = await this.makeFolder(folder.slice(0, folder.lastIndexOf('/')))
      if (around !== null) return around
      error = await make()
    }
    if (error !== null && error.code !== 'EEXIST') return error
    if (await this.#isPlain(folder)) return null
    return Object.assign(new Error(`"${folder}" is reached by a symbolic link`), { code: 'ELOOP' })
  }

  /** What was known of its folders is not so any more: somebody has removed them. */
  forgetFolders(): void {
    this.#folders.clear()
  }

  // Each folder below the cache's own is one, and no link that leads elsewhere. What is not there is none.
  async #isPlain(folder: string): Promise<boolean> {
    // Where the cache itself lies is for whoever wrote the file to say.
    if (this.#folders.has(folder) || !folder.startsWith(`${this.config.path}/`)) return true
    if (!(await this.#isPlain(folder.slice(0, folder.lastIndexOf('/'))))) return false
    const found = await linkStatOf(folder)
    const is = !(found instanceof Error) && found.isDirectory()
    if (is) {
      if (this.#folders.size >= REMEMBERED) this.#folders.clear()
      this.#folders.add(folder)
    }
    return is
  }

  /** Removes the oldest that nobody holds. False: there is none. */
  async makeRoom(): Promise<boolean> {
    const victim = this.zone.stock.oldest()
    if (victim?.exists === true) {
      await this.remove(victim.digest)
      this.zone.stock.removed(victim.at)
    }
    return victim !== null
  }
}

const CUT = 'is too small'
const FOREIGN = 'is of another program, and is not used'
