// Who closes what a test opened: a test's own context, or a whole file. Also the temporary folders, which
// are the simplest thing of that kind.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** Anything that runs a function at its end; a `TestContext` is one. */
export interface Owner {
  after(close: () => Promise<void> | void): void
  readonly passed?: boolean
}

/** Owns what all tests of a file share. */
export const file: Owner = { after: close => after(close) }

/** A folder that is gone after the test. Short, as Unix socket paths have 107 bytes at most. */
export function temporaryFolder(owner: Owner): string {
  const folder = mkdtempSync(join(tmpdir(), 'sp-'))
  owner.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
