// Whether this machine has the user and the group that a file names. Reads the files of accounts, and asks the name service
// where they know nothing; changes nothing.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { MainConfig } from './site.ts'

/** What is missing, in words; null: nothing. The group has the user's name where none is said, as in nginx. */
export function missingAccount({ name, group }: NonNullable<MainConfig['user']>): string | null {
  if (!isKnown('passwd', name)) return `there is no user "${name}" on this machine`
  const of = group ?? name
  if (isKnown('group', of)) return null
  return `there is no group "${of}" on this machine${group === null ? `; say which: "user ${name} group;"` : ''}`
}

function isKnown(database: 'passwd' | 'group', name: string): boolean {
  if (linesOf(`/etc/${database}`).some(line => line.startsWith(`${name}:`))) return true
  // Accounts may be kept elsewhere (LDAP, systemd); musl has no getent, and no other place either.
  return !name.startsWith('-') && spawnSync('getent', [database, name], { timeout: 5_000 }).status === 0
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
