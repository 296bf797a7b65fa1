// The version of this package, from its package.json. Knows nothing else of it.

import { readFileSync } from 'node:fs'

/**
 * Reads the version from the nearest package.json above this file: it is one folder up in the sources and
 * two in `dist/`.
 * @throws Error when there is none, which means that the installation is broken
 */
export function readVersion(): string {
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
      if (isShieldproxy(found)) return found.version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('package.json of shieldproxy is missing; install it again')
}

function isShieldproxy(found: unknown): found is { version: string } {
  return (
    typeof found === 'object' && found !== null && 'version' in found && typeof found.version === 'string'
  )
}
