// The pid file of a configuration: written when everything listens, gone at the end. What cannot be written is told and
// does no harm; nothing here ends the process.

import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import type { Log } from './parts.ts'

export class PidFile {
  readonly path: string
  readonly #fd: number

  private constructor(path: string, fd: number) {
    this.path = path
    this.#fd = fd
  }

  /** Null: it could not be written, and the log says why. */
  static write(path: string, pid: number, log: Pick<Log, 'warn'>): PidFile | null {
    try {
      const fd = openSync(Buffer.from(path, 'latin1'), 'w', 0o644)
      writeSync(fd, `${pid}\n`)
      return new PidFile(path, fd)
    } catch (error) {
      log.warn(
        { path, detail: (error as Error).message },
        'the pid file cannot be written; the shield runs without',
      )
      return null
    }
  }

  /** Called twice does nothing. */
  remove(): void {
    try {
      // A `user` that took the place of root may not remove it, but the open file can still be emptied.
      ftruncateSync(this.#fd, 0)
      closeSync(this.#fd)
      unlinkSync(Buffer.from(this.path, 'latin1'))
    } catch {
      // Somebody else has removed it, or only root may.
    }
  }
}
