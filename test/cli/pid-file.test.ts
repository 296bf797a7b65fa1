// The pid file: written, gone at the end; where it cannot be written, a warning and nothing else.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PidFile } from '../../src/cli/pid-file.ts'

class Warnings {
  readonly given: object[] = []
  warn(fields: object): void {
    this.given.push(fields)
  }
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pid-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('written with the number, and removed', t => {
  const path = join(folderOf(t), 'a.pid')
  const log = new Warnings()
  const file = PidFile.write(path, 4711, log)
  assert.equal(readFileSync(path, 'utf8'), '4711\n')
  file?.remove()
  assert.equal(existsSync(path), false)
  file?.remove()
  assert.deepEqual(log.given, [])
})

test('one that cannot be written is told', t => {
  const path = join(folderOf(t), 'none', 'a.pid')
  const log = new Warnings()
  assert.equal(PidFile.write(path, 1, log), null)
  assert.match(JSON.stringify(log.given), /ENOENT/)
})

test('one that somebody else has removed is no trouble', t => {
  const path = join(folderOf(t), 'a.pid')
  const file = PidFile.write(path, 1, new Warnings())
  unlinkSync(path)
  file?.remove()
})
