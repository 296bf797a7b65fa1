// The version of this package, from its package.json. Knows nothing else of it.

import { readFileSync } from 'node:fs'
import { packageManifest } from './package-files.ts'

/**
 * Reads the version from the package's own package.json.
 * @throws Error when there is none, which means that the installation is broken
 */
export function readVersion(): string {
  try {
    const found: unknown = JSON.parse(readFileSync(packageManifest(), 'utf8'))
    if (isShieldproxy(found)) return found.version
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  throw new Error('package.json of shieldproxy is missing; install it again')
}

function isShieldproxy(found: unknown): found is { version: string } {
  return (
    typeof found === 'object' && found !== null && 'version' in found && typeof found.version === 'string'
  )
}
