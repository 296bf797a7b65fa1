// A disk of a few megabytes, to be filled: an ext4 file system in a file. A tmpfs would not do, as the spool takes
// one for the memory it is. Needs root and a loop device; where these are missing, the reason is for a test's `skip`.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { file, type Owner } from './owner.ts'
import { findProgram } from './servers.ts'

/** Mounts one of that many bytes; it is gone with its owner. Throws where that is not possible. */
export function mountSmallDisk(owner: Owner, bytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'sp-disk-'))
  const image = join(folder, 'image')
  const disk = join(folder, 'disk')
  writeFileSync(image, '')
  truncateSync(image, bytes)
  mkdirSync(disk)
  const run = (name: string, ...args: string[]): void => {
    execFileSync(findProgram(name) ?? name, args, { stdio: 'pipe', timeout: 10_000 })
  }
  run('mkfs.ext4', '-q', '-m', '0', '-O', '^has_journal', image)
  run('mount', '-o', 'loop', image, disk)
  owner.after(() => {
    // Lazily: the kernel ends it when the last descriptor is closed, whoever still has one.
    run('umount', '-l', disk)
    rmSync(folder, { recursive: true, force: true })
  })
  return disk
}

/** For a test's `skip` option: false where such a disk can be mounted, else why not. */
export function withoutSmallDisk(): string | false {
  if (process.getuid?.() !== 0) return 'mounting a small disk needs root'
  if (findProgram('mkfs.ext4') === null) return 'not installed here: mkfs.ext4'
  try {
    mountSmallDisk(file, 8 * 2 ** 20)
    return false
  } catch (error) {
    return `a small disk cannot be mounted here: ${(error as Error).message.trim()}`
  }
}
