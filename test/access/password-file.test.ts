import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PasswordFiles } from '../../src/access/password-file.ts'
import { temporaryFolder } from '../support/owner.ts'

test('lines: name, password, and what does not count', async t => {
  const path = join(temporaryFolder(t), 'htpasswd')
  writeFileSync(path, '# a: comment\nuser:secret:a comment\r\n\r\nnocolon\nuser:other\nb:\nlast:line')
  const files = new PasswordFiles()
  assert.equal(await files.find(path, 'user'), 'secret')
  assert.equal(await files.find(path, 'b'), '')
  assert.equal(await files.find(path, 'last'), 'line')
  for (const nobody of ['nocolon', '# a', 'use', 'users', '']) {
    assert.equal(await files.find(path, nobody), null, nobody)
  }
})

test('a change counts from the next look on, and so does a loss', async t => {
  const path = join(temporaryFolder(t), 'htpasswd')
  const files = new PasswordFiles()
  writeFileSync(path, 'user:one')
  assert.equal(await files.find(path, 'user'), 'one')
  writeFileSync(path, 'user:two')
  assert.equal(await files.find(path, 'user'), 'two')
  rmSync(path)
  await assert.rejects(files.find(path, 'user'), { code: 'ENOENT' })
})

test('names of files are bytes', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'é'), 'user:one')
  const latin1 = Buffer.from(join(folder, 'é')).toString('latin1')
  assert.equal(await new PasswordFiles().find(latin1, 'user'), 'one')
})
