// What a configuration file says of the process that serves it: the pid file, and whose it is. Taken up once everything
// listens, kept in step with a file that is read again, given back at the end.

import type { Config } from '../config/config.ts'
import type { Log } from './parts.ts'
import { PidFile } from './pid-file.ts'
import { becomeUser, logFilesOf, runsAsRoot } from './privileges.ts'

export class SiteProcess {
  #pid: PidFile | null = null
  #log: Log | null = null

  /** @throws Error for people: a user that is asked for and is not there must not leave the process to root */
  begin({ site }: Config, log: Log): void {
    if (site === null) return
    this.#log = log
    this.#writePid(site.main.pid)
    const { user } = site.main
    if (user === null || !runsAsRoot()) return
    becomeUser(
      user,
      logFilesOf(site),
      site.caches.map(({ path }) => path),
    )
    log.info({ user: user.name }, 'runs as the user of the file from here on')
  }

  /** The file has been read again: its pid file may be another one. */
  renew({ site }: Config): void {
    const path = site?.main.pid ?? null
    if (path === (this.#pid?.path ?? null)) return
    this.#pid?.remove()
    this.#writePid(path)
  }

  end(): void {
    this.#pid?.remove()
    this.#pid = null
  }

  #writePid(path: string | null): void {
    this.#pid = path === null || this.#log === null ? null : PidFile.write(path, process.pid, this.#log)
  }
}
