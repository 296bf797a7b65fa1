// Files that are being written beside the place that they are to have: what they are called, and what becomes of those that
// a process left behind which was killed. Removes nothing that does not bear such a name, or that may still be written.

import { randomBytes } from 'node:crypto'
import { opendir } from 'node:fs/promises'
import { bytesOf, linkStatOf, unlinked } from './calls.ts'

const NAME = /^\.[0-9a-f]{24}\.part$/
/** What has not changed for so long is nobody's any more. Milliseconds. */
const LEFT_MS = 3_600_000
/** As many folders as are remembered to have been looked through. */
const REMEMBERED = 1_000

/** Milliseconds since 1970 at which a folder was looked through last. */
const looked = new Map<string, number>()

/** A name that nobody else has. */
export function draftName(): string {
  return `.${randomBytes(12).toString('hex')}.part`
}

/** Removes what was left in a folder, where nobody has looked in the last hour. Never rejects. @param folder with a slash at its end */
export async function sweepDrafts(folder: string, now = Date.now()): Promise<void> {
  if (now - (looked.get(folder) ?? 0) < LEFT_MS) return
  if (looked.size >= REMEMBERED) looked.clear()
  looked.set(folder, now)
  try {
    for await (const { name } of await opendir(bytesOf(folder), { encoding: 'latin1', bufferSize: 256 })) {
      if (!NAME.test(name)) continue
      const found = await linkStatOf(`${folder}${name}`)
      if (found instanceof Error || !found.isFile()) continue
      // Of the times that it has this one is nobody's to set.
      if (now - Number(found.ctimeMs) >= LEFT_MS) await unlinked(`${folder}${name}`)
    }
  } catch {
    // What cannot be looked through is not ours to tidy.
  }
}
