import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drain, fill, KB, MB, meet, piece, rig, settled } from './rig.ts'

const timeout = 20_000

test('an answer that may have nothing on the disk stays in memory, and then goes at its client’s pace', {
  timeout,
}, async t => {
  const { store, warnings } = rig(t, { memory: 64 * MB, disk: 64 * MB })
  const spool = store.spool('response', 'a', false, { memory: 128 * KB, disk: 0 })
  let room = true
  spool.onRoom = () => (room = true)
  while (room) room = spool.write(piece(spool.size, 16 * KB))
  assert.ok(spool.size > 128 * KB && spool.size <= 160 * KB, `${spool.size} bytes`)
  assert.equal(store.usage().disk, 0)
  const reader = spool.reader()
  await drain(reader, 0, spool.size)
  assert.ok(room, 'what was read makes room')
  const written = spool.size
  while (room) room = spool.write(piece(spool.size, 16 * KB))
  assert.ok(spool.size > written && spool.size <= written + 160 * KB, `${spool.size} bytes`)
  spool.end()
  await drain(reader, written)
  assert.equal(spool.spilled, 0)
  assert.deepEqual(warnings, [], 'nothing is short')
  spool.destroy()
  await settled(store)
})

test('whatever an answer may hold, it comes out as it went in', { timeout: 60_000 }, async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB })
  for (let seed = 1; seed <= 24; seed++) {
    const memory = [4 * KB, 64 * KB, 300 * KB, 3 * MB][seed % 4]!
    const disk = [0, 100 * KB, 1.5 * MB][seed % 3]!
    const spool = store.spool('response', 'a', false, { memory, disk })
    assert.equal(await meet(spool, 6 * MB, seed), 6 * MB)
    assert.ok(store.usage().disk <= disk, `${store.usage().disk} bytes`)
    spool.destroy()
    await settled(store)
  }
})

test('what a request may keep in memory is for whoever wrote the file to say', { timeout }, async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB })
  for (const [memory, spills] of [
    [1, true],
    [128 * KB, true],
    [4 * MB, false],
  ] as const) {
    const spool = store.spool('request', 'a', true, { memory, disk: Number.POSITIVE_INFINITY })
    await fill(spool, 2 * MB)
    spool.end()
    assert.equal(await drain(spool.reader(), 0), 2 * MB)
    assert.equal(spool.spilled > 0, spills, `${memory}`)
    spool.destroy()
    await settled(store)
  }
})
