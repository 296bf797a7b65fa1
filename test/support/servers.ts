// Which programs that the tests need are on this machine. Looks only; `ensure-servers.ts` installs.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs, and the Debian packages that bring them. */
export const needed: Readonly<Record<string, string>> = {
  gunicorn: 'gunicorn',
  openssl: 'openssl',
  uvicorn: 'uvicorn',
  chromium: 'chromium',
  nginx: 'nginx',
  uwsgi: 'uwsgi-plugin-python3',
  memcached: 'memcached',
}

/** The full path of a program, or null where it is missing. Debian's own come first. */
export function findProgram(name: string): string | null {
  const folders = ['/usr/bin', '/usr/sbin', ...(process.env.PATH ?? '').split(delimiter)]
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // not in this folder
    }
  }
  return null
}

/** For a test's `skip` option: false when all are there, else which are missing. */
export function without(...names: string[]): string | false {
  const missing = names.filter(name => findProgram(name) === null)
  return missing.length === 0 ? false : `not installed here: ${missing.join(', ')}`
}
