// Root's privileges, given up for those of the file's `user` once every port is bound and every log is open. What was
// opened stays open; what is opened later is opened as that user.

import { lchownSync, lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { missingAccount } from '../config/nginx/accounts.ts'
import { everySetting } from '../config/nginx/every-setting.ts'
import type { SiteConfig } from '../config/nginx/site.ts'

type User = NonNullable<SiteConfig['main']['user']>

/** Of Node's process, and not of its types: the groups that a user is in, and one more. */
interface Groups {
  initgroups(user: string, extraGroup: string): void
}

/** Whether there is anything to give up. */
export function runsAsRoot(): boolean {
  return process.geteuid?.() === 0
}

/**
 * Becomes the user.
 * @param logs files that this user is to open again later
 * @param caches folders that it is to keep answers in; made where they are not there (ngx_create_paths)
 * @throws Error for people where there is no such user or group
 */
export function becomeUser(
  { name, group }: User,
  logs: Iterable<string>,
  caches: Iterable<string> = [],
): void {
  const as = `"user ${name}${group === null ? '' : ` ${group}`}"`
  const missing = missingAccount({ name, group })
  if (missing !== null) throw new Error(`${as} cannot be honoured: ${missing}`)
  try {
    // The group of the same name where none is said, as in nginx.
    ;(process as Partial<Groups>).initgroups!(name, group ?? name)
    process.setgid!(group ?? name)
    const gid = process.getgid!()
    // Only now is it known by its number, and only root may give files away.
    process.seteuid!(name)
    const uid = process.geteuid!()
    process.seteuid!(0)
    for (const path of logs) giveAway(path, uid, gid)
    for (const path of caches) giveFolder(path, uid, gid)
    process.setuid!(uid)
  } catch (error) {
    throw new Error(`${as} cannot be honoured: ${(error as Error).message}`, { cause: error })
  }
}

function giveAway(path: string, uid: number, gid: number): void {
  try {
    if (lstatSync(path).isFile()) lchownSync(path, uid, gid)
  } catch {
    // It is not there, or on a disk that knows no owners: whoever opens it again will say so.
  }
}

function giveFolder(path: string, uid: number, gid: number): void {
  makeFolder(path, 0o700)
  try {
    const found = lstatSync(path)
    if (found.isDirectory() && found.uid !== uid) lchownSync(path, uid, gid)
  } catch {
    // Whoever wants to write there will say so.
  }
}

// The user that is to write in it may not be able to make those around it.
function makeFolder(path: string, mode: number): void {
  const make = (): string => {
    try {
      mkdirSync(path, mode)
      return ''
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? ''
    }
  }
  // Mostly it is there; of whatever else there is, whoever wants to write there will say so.
  if (make() !== 'ENOENT' || dirname(path) === path) return
  makeFolder(dirname(path), 0o755)
  make()
}

/** The files of a site's logs whose names hold no variable. */
export function logFilesOf(site: SiteConfig): Set<string> {
  const files = new Set(site.main.errorLog.map(({ path }) => path))
  for (const { accessLogs, errorLog } of everySetting(site.servers)) {
    for (const { to } of accessLogs ?? []) if ('text' in to && !to.text.includes('$')) files.add(to.text)
    for (const { path } of errorLog) files.add(path)
  }
  return files
}
