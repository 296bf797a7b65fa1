// Files of certificates as they change on the disk: what is kept, and for how long.

import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PemKeeping } from '../../src/config/nginx/pem-keeping.ts'
import { PemError, PemFiles } from '../../src/tls/pem-files.ts'

class Desk {
  readonly folder: string
  readonly files: PemFiles
  now = 1_000

  constructor(t: TestContext, keeping: PemKeeping | null) {
    this.folder = mkdtempSync(join(tmpdir(), 'pem-files-'))
    t.after(() => rmSync(this.folder, { recursive: true }))
    this.files = new PemFiles(keeping, () => this.now)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  // As whoever renews certificates does.
  put(name: string, text: string): void {
    writeFileSync(this.path(`${name}.new`), text)
    renameSync(this.path(`${name}.new`), this.path(name))
  }

  read(name: string): string {
    return this.files.read(this.path(name), 'certificate').bytes.toString()
  }
}

test('without a word of keeping every change is seen at once, and what has not changed bears the same mark', t => {
  const desk = new Desk(t, null)
  desk.put('a', 'one')
  const mark = () => desk.files.read(desk.path('a'), 'certificate').mark
  assert.equal(desk.read('a'), 'one')
  const before = mark()
  assert.equal(mark(), before)
  desk.put('a', 'two')
  assert.equal(desk.read('a'), 'two')
  assert.notEqual(mark(), before)
  rmSync(desk.path('a'))
  assert.throws(() => desk.read('a'), PemError)
  assert.throws(() => desk.read('a'), /^PemError|cannot load certificate ".*\/a": there is no such file/)
})

test('what is kept is not looked at while it is valid, then seen to have changed or to be gone', t => {
  const desk = new Desk(t, { most: 4, inactive: 10_000, valid: 1_000 })
  desk.put('a', 'one')
  assert.equal(desk.read('a'), 'one')
  rmSync(desk.path('a'))
  desk.now += 999
  assert.equal(desk.read('a'), 'one')
  desk.now += 2
  assert.throws(() => desk.read('a'), PemError)
  desk.put('a', 'two')
  assert.equal(desk.read('a'), 'two')
})

test('the one unused for longest makes room, and one unused for too long is forgotten', t => {
  const desk = new Desk(t, { most: 2, inactive: 500, valid: 10_000 })
  for (const name of ['a', 'b', 'c']) desk.put(name, 'one')
  for (const name of ['a', 'b', 'a', 'c']) desk.read(name)
  for (const name of ['a', 'b', 'c']) desk.put(name, 'two')
  assert.deepEqual(
    ['a', 'c'].map(name => desk.read(name)),
    ['one', 'one'],
  )
  assert.equal(desk.read('b'), 'two')
  desk.now += 501
  assert.equal(desk.read('c'), 'two')
})

test('a key that a password opens is looked at each time', t => {
  const desk = new Desk(t, { most: 2, inactive: 10_000, valid: 10_000 })
  desk.put('k', '-----BEGIN ENCRYPTED PRIVATE KEY-----')
  desk.read('k')
  desk.put('k', 'plain')
  assert.equal(desk.read('k'), 'plain')
})

test('data: is the thing itself', () => {
  assert.equal(new PemFiles().read('data:abc', 'certificate').bytes.toString(), 'abc')
})
