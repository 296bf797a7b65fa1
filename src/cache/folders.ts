// Whether the folders that a file names for caches can be made and used by whoever runs this. Looks, and makes nothing:
// they are made with the first answer that is kept.

import { accessSync, constants, statSync } from 'node:fs'
import type { CacheConfig } from '../config/nginx/site.ts'
import type { Remark } from '../config/nginx/tree.ts'
import { bytesOf } from '../disk/calls.ts'
import { DiskFailure } from '../disk/failure.ts'

const { R_OK, W_OK, X_OK } = constants

/** What is wrong with the folders of a site's caches, in nginx's words (ngx_create_paths) and with what to do. */
export function checkCacheFolders(caches: readonly Pick<CacheConfig, 'path' | 'at'>[]): Remark[] {
  return caches.flatMap(({ path, at }): Remark[] => {
    const failure = failureOf(path)
    if (failure === null) return []
    const mend = 'have it be a folder that the user of the shield may read and write, or name another'
    return [{ level: 'emerg', message: `${failure.text}; ${mend}`, at }]
  })
}

function failureOf(path: string): DiskFailure | null {
  try {
    const found = statSync(bytesOf(path))
    if (!found.isDirectory()) return new DiskFailure('opendir()', path, { code: 'ENOTDIR', errno: 20 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') return new DiskFailure('mkdir()', path, error as NodeJS.ErrnoException)
    return cannotBeMade(path)
  }
  return denied('opendir()', path, path, R_OK | W_OK | X_OK)
}

// With all of the folders around it that are missing, of which the first needs one that is there.
function cannotBeMade(path: string): DiskFailure | null {
  for (let around = path; around !== '/'; ) {
    around = around.slice(0, Math.max(around.lastIndexOf('/'), 1))
    const failure = denied('mkdir()', path, `${around}/`, W_OK | X_OK)
    if (failure?.code !== 'ENOENT') return failure
  }
  return null
}

function denied(call: string, path: string, folder: string, mode: number): DiskFailure | null {
  try {
    accessSync(bytesOf(folder), mode)
    return null
  } catch (error) {
    return new DiskFailure(call, path, error as NodeJS.ErrnoException)
  }
}
