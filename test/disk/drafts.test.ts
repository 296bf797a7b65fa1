import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { draftName, sweepDrafts } from '../../src/disk/drafts.ts'
import { temporaryFolder } from '../support/owner.ts'

const HOUR = 3_600_000

test('what a killed process left behind is removed, and nothing else', async t => {
  const folder = `${temporaryFolder(t)}/`
  const now = Date.now()
  const [left, dated, inner] = [draftName(), draftName(), draftName()]
  for (const name of [left, dated, '.notes.part', 'page.html']) writeFileSync(join(folder, name), 'text')
  mkdirSync(join(folder, inner))
  // The time that a file is to have says nothing of when it was written.
  utimesSync(join(folder, dated), 0, 0)
  await sweepDrafts(folder, now + HOUR / 2)
  assert.equal(readdirSync(folder).length, 5)
  await sweepDrafts(folder, now + 2 * HOUR)
  assert.deepEqual(readdirSync(folder).sort(), [inner, '.notes.part', 'page.html'].sort())
})

test('a folder is looked through once an hour', async t => {
  const folder = `${temporaryFolder(t)}/`
  const later = Date.now() + 2 * HOUR
  await sweepDrafts(folder, later)
  writeFileSync(join(folder, draftName()), 'text')
  await sweepDrafts(folder, later + HOUR - 1)
  assert.equal(readdirSync(folder).length, 1)
  await sweepDrafts(folder, later + HOUR)
  assert.deepEqual(readdirSync(folder), [])
})

test('a folder that is not there is nobody’s trouble', async () => {
  await sweepDrafts('/nowhere/at/all/')
})
