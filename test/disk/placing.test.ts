import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lookAt, openFile } from '../../src/disk/open-file.ts'
import { announce, announced } from '../../src/disk/placing.ts'
import { temporaryFolder } from '../support/owner.ts'

test('whoever looks for a file that is about to be there waits for it, and nobody else does', async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'file')
  const there = announce(path)
  const [opening, looking] = [openFile(path, null), lookAt(path, null)]
  assert.ok(!('facts' in (await openFile(join(folder, 'other'), null))))
  writeFileSync(path, 'text')
  there()
  const opened = await opening
  assert.ok('facts' in opened, 'it was there by then')
  assert.equal(((await looking) as { size: number }).size, 4)
  assert.equal(announced(path), null)
})

test('the last of several to have one place is the one that is waited for', async () => {
  const first = announce('/a')
  const second = announce('/a')
  first()
  const waiting = announced('/a')
  assert.notEqual(waiting, null)
  second()
  await waiting
  assert.equal(announced('/a'), null)
})
