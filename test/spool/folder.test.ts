import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { SpoolFolder, survey, sweep } from '../../src/spool/folder.ts'
import { folder, until } from './rig.ts'

test('a folder is found usable, and nothing is left of the try', t => {
  const dir = folder(t)
  const found = survey(dir)
  if (found.kind === 'memory') return t.skip('the temporary folder is tmpfs')
  assert.equal(found.kind, 'disk')
  assert.deepEqual(fs.readdirSync(dir), [])
})

test('a missing folder is unusable, and the reason names it', t => {
  const dir = path.join(folder(t), 'nowhere')
  const found = survey(dir)
  assert.ok(found.kind === 'unusable' && found.reason.includes(dir), JSON.stringify(found))
})

test('a folder that may not be written is unusable', t => {
  if (process.getuid?.() === 0) {
    // Root may write anywhere but in a place like this one.
    if (process.platform !== 'linux') return t.skip('root may write anywhere')
    assert.equal(survey('/proc').kind, 'unusable')
    return
  }
  const dir = folder(t)
  fs.chmodSync(dir, 0o500)
  assert.equal(survey(dir).kind, 'unusable')
})

test('tmpfs is recognised as memory', t => {
  if (process.platform !== 'linux' || !fs.existsSync('/dev/shm')) return t.skip('no /dev/shm')
  if (fs.statfsSync('/dev/shm').type !== 0x01021994) return t.skip('/dev/shm is no tmpfs')
  assert.equal(survey('/dev/shm').kind, 'memory')
})

for (const nameless of [true, false]) {
  test(`a file is in no listing (${nameless ? 'never had a name' : 'unlinked at once'})`, async t => {
    const dir = folder(t)
    const found = survey(dir)
    if (nameless && !(found.kind === 'disk' && found.folder.nameless)) return t.skip('no O_TMPFILE here')
    const fd = await new Promise<number>((resolve, reject) =>
      new SpoolFolder(dir, nameless).open((error, opened) =>
        error === null ? resolve(opened) : reject(error),
      ),
    )
    t.after(() => fs.closeSync(fd))
    fs.writeSync(fd, 'x')
    assert.deepEqual(fs.readdirSync(dir), [])
    assert.equal(fs.fstatSync(fd).mode & 0o777, 0o600)
  })
}

test('only the leftovers of dead processes are swept', t => {
  const dir = folder(t)
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const keep = [`shieldproxy-${process.pid}-00ff`, `other-${dead}-00ff`, `shieldproxy-${dead}-notes.txt`]
  for (const name of [...keep, `shieldproxy-${dead}-00ff`]) fs.writeFileSync(path.join(dir, name), 'x')
  fs.mkdirSync(path.join(dir, `shieldproxy-${dead}-0a`))
  fs.symlinkSync('/nowhere', path.join(dir, `shieldproxy-${dead}-0b`))
  sweep(dir)
  assert.deepEqual(
    fs.readdirSync(dir).sort(),
    [...keep, `shieldproxy-${dead}-0a`, `shieldproxy-${dead}-0b`].sort(),
  )
})

test('at most three operations run at once, and the others follow in order', async t => {
  const lane = new SpoolFolder(folder(t), false)
  const begun: number[] = []
  for (let i = 0; i < 3000; i++) lane.run(() => begun.push(i))
  assert.deepEqual(begun, [0, 1, 2])
  for (let i = 0; i < 3000; i++) lane.finished()
  await until(() => true)
  assert.deepEqual(
    begun,
    Array.from({ length: 3000 }, (_, i) => i),
  )
  lane.run(() => begun.push(-1))
  assert.equal(begun.at(-1), -1, 'idle again: begins at once')
})
