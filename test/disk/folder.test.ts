import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DiskFailure } from '../../src/disk/failure.ts'
import { readFolder } from '../../src/disk/folder.ts'
import { temporaryFolder } from '../support/owner.ts'

test('everything in a folder is found, with what links lead to', async t => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'sub'))
  for (let i = 10; i < 40; i++) writeFileSync(join(folder, `file ${i}`), 'x'.repeat(i))
  symlinkSync('sub', join(folder, 'to a folder'))
  symlinkSync('nowhere', join(folder, 'loose'))
  symlinkSync('itself', join(folder, 'itself'))
  const found = await readFolder(folder)
  assert.ok(!(found instanceof DiskFailure))
  const kinds = Object.fromEntries(found.map(({ name, facts }) => [name, facts.kind]))
  assert.equal(found.length, 34)
  assert.equal(kinds.sub, 'folder')
  assert.equal(kinds['to a folder'], 'folder')
  assert.equal(kinds.loose, 'other')
  assert.equal(kinds.itself, 'other')
  assert.equal(found.find(({ name }) => name === 'file 33')?.facts.size, 33)
})

test('a folder that cannot be read is a failure', async t => {
  const folder = temporaryFolder(t)
  for (const [name, code] of [
    ['nope', 'ENOENT'],
    ['\0', 'ENOENT'],
  ] as const) {
    const found = await readFolder(join(folder, name))
    assert.ok(found instanceof DiskFailure)
    assert.equal(found.code, code)
    assert.match(found.text, /^opendir\(\) ".*" failed \(2: No such file or directory\)$/)
  }
})
