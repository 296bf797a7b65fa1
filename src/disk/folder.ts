// What is in a folder: names and what they stand for. Names are text of one character a byte. Reads no file.

import { readdir } from 'node:fs'
import { DiskFailure } from './failure.ts'
import { type FileFacts, lookAt, lookAtLink } from './open-file.ts'

export interface FolderEntry {
  readonly name: string
  /** Of what a link leads to; where it leads nowhere, of the link itself. */
  readonly facts: FileFacts
}

/** Looks under way at a time: a folder's worth of them would keep everybody else from the disk. */
const AT_A_TIME = 8

/** In no order. What may not be looked at is left out. */
export async function readFolder(path: string): Promise<FolderEntry[] | DiskFailure> {
  const names = await namesIn(path)
  if (names instanceof DiskFailure) return names
  const entries: FolderEntry[] = []
  for (let at = 0; at < names.length; at += AT_A_TIME) {
    const some = names.slice(at, at + AT_A_TIME)
    const looks = await Promise.all(some.map(name => lookAtEntry(`${path}/${name}`)))
    for (const [index, facts] of looks.entries()) {
      if (!(facts instanceof DiskFailure)) entries.push({ name: some[index]!, facts })
      else if (facts.code !== 'EACCES') return facts
    }
  }
  return entries
}

async function lookAtEntry(path: string): Promise<FileFacts | DiskFailure> {
  const found = await lookAt(path, null)
  const isLoose = found instanceof DiskFailure && (found.code === 'ENOENT' || found.code === 'ELOOP')
  return isLoose ? lookAtLink(path) : found
}

function namesIn(path: string): Promise<string[] | DiskFailure> {
  if (path.includes('\0'))
    return Promise.resolve(new DiskFailure('opendir()', path, { code: 'ENOENT', errno: 2 }))
  return new Promise(resolve => {
    readdir(Buffer.from(path, 'latin1'), { encoding: 'buffer' }, (error, names) => {
      if (error !== null) resolve(new DiskFailure('opendir()', path, error))
      else resolve(names.map(name => name.toString('latin1')))
    })
  })
}
