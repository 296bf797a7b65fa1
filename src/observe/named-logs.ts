// Logs whose names hold variables: opened for the lines of each turn of the event loop, so that there may be any number
// and a rotation needs no signal; or kept open for a while, where the file says so. As with other logs, a line is in its
// file by the time its client may look there.

import { statSync } from 'node:fs'
import { now } from '../clock.ts'
import type { LogFileCache } from '../config/nginx/modules/log.ts'
import { DiskFailure } from '../disk/failure.ts'
import { appendTo, KeptFiles } from './kept-files.ts'

/** Lines of one turn that are written before it is over, in bytes. */
const MOST = 64 * 1024

export interface NamedLogsOptions {
  /** A log that cannot be written, in nginx's words. */
  problem(level: 'error' | 'crit', message: string): void
  /** For tests: the time in milliseconds. */
  readonly now?: () => number
}

interface Batch {
  text: string
  lines: number
  /** A folder without which nothing is written; null: there is none. */
  readonly root: string | null
  readonly cache: LogFileCache | null
}

export class NamedLogs {
  readonly #options: NamedLogsOptions
  readonly #kept = new Map<LogFileCache, KeptFiles>()
  /** By path. */
  #waiting = new Map<string, Batch>()
  #bytes = 0
  #scheduled = false

  constructor(options: NamedLogsOptions) {
    this.#options = options
  }

  /**
   * One line, with its end. @param path absolute, latin1 as the line
   * @param root nginx writes such a log only where the root of the place is a folder, so that no stranger makes files by
   * asking for hosts that there are none of
   * @param cache null: the file is opened for it
   */
  write(path: string, root: string | null, line: string, cache: LogFileCache | null): void {
    // What a client sends must not lead out of where the file says.
    if (path.split('/').includes('..') || path.includes('\0')) {
      this.#options.problem('error', `the name of a log was refused: "${path}"`)
      return
    }
    const known = this.#waiting.get(path)
    if (known !== undefined && (known.root !== root || known.cache !== cache)) this.flush()
    const batch = this.#waiting.get(path) ?? { text: '', lines: 0, root, cache }
    batch.text += line
    batch.lines++
    this.#waiting.set(path, batch)
    this.#bytes += line.length
    if (this.#bytes > MOST) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => this.flush())
    }
  }

  /** All that waits is written when it returns, or has failed. */
  flush(): void {
    this.#scheduled = false
    if (this.#bytes === 0) return
    const batches = this.#waiting
    this.#waiting = new Map()
    this.#bytes = 0
    for (const [path, batch] of batches) this.#append(path, batch)
  }

  /** After a rotation: what is kept open is opened again at its next line. */
  reopen(): void {
    this.flush()
    for (const files of this.#kept.values()) files.close()
  }

  /** Writes what waits, and closes what is kept open. */
  close(): void {
    this.reopen()
  }

  #append(path: string, { text, lines, root, cache }: Batch): void {
    try {
      if (root !== null && !this.#isThere(root)) return
      if (cache === null) appendTo(path, text)
      else this.#filesOf(cache).append(path, text, lines)
    } catch (error) {
      const failed = error as NodeJS.ErrnoException
      this.#options.problem('crit', new DiskFailure(`${failed.syscall ?? 'open'}()`, path, failed).text)
    }
  }

  #filesOf(cache: LogFileCache): KeptFiles {
    let files = this.#kept.get(cache)
    if (files === undefined) {
      files = new KeptFiles(cache, this.#options.now ?? now)
      this.#kept.set(cache, files)
    }
    return files
  }

  #isThere(root: string): boolean {
    let why: Partial<NodeJS.ErrnoException> = { code: 'ENOTDIR', errno: 20 }
    try {
      if (statSync(Buffer.from(root, 'latin1')).isDirectory()) return true
    } catch (error) {
      why = error as NodeJS.ErrnoException
    }
    const { reason } = new DiskFailure('stat()', root, why)
    this.#options.problem('error', `testing "${root}" existence failed (${reason})`)
    return false
  }
}
