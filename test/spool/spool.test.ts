import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { MESSAGE_MEMORY } from '../../src/spool/allowance.ts'
import { check, descriptors, dice, drain, fill, KB, MB, meet, piece, rig, settled, until } from './rig.ts'

const timeout = 60_000

const situations = [
  { name: 'in memory', memory: 64 * MB, disk: 0, total: 3 * MB },
  { name: 'with plenty of both', memory: 64 * MB, disk: 64 * MB, total: 6 * MB },
  { name: 'through named files', memory: 64 * MB, disk: 64 * MB, total: 6 * MB, named: true },
  { name: 'short of memory', memory: 64 * KB, disk: 64 * MB, total: 6 * MB },
  { name: 'with no memory at all', memory: 0, disk: 64 * MB, total: 3 * MB },
  { name: 'short of both', memory: 256 * KB, disk: 512 * KB, total: 6 * MB },
  { name: 'short of disk', memory: 64 * MB, disk: 256 * KB, total: 6 * MB },
]

for (const { name, total, ...options } of situations) {
  test(`every byte arrives in order, ${name}`, { timeout }, async t => {
    const { store, dir } = rig(t, options)
    const before = descriptors()
    for (let seed = 1; seed <= 6; seed++) {
      const spool = store.spool('response', seed % 2 === 0 ? 'a' : null, false)
      assert.equal(await meet(spool, total, seed), total, `seed ${seed}`)
      assert.deepEqual(fs.readdirSync(dir), [])
      spool.destroy()
    }
    await settled(store)
    if (before !== null) await until(() => descriptors() === before)
  })

  test(`everything comes back when it is destroyed at any moment, ${name}`, { timeout }, async t => {
    const { store } = rig(t, options)
    const before = descriptors()
    const roll = dice(7)
    const runs = []
    for (let seed = 1; seed <= 12; seed++) {
      const spool = store.spool('response', `client ${seed % 3}`, false)
      const run = meet(spool, total, seed, Math.floor(roll() * total * 0.5)).then(() => {
        spool.destroy()
        spool.destroy()
        assert.equal(spool.write(piece(0, 10)), true, 'writes afterwards are ignored')
      })
      runs.push(run)
      if (seed % 4 === 0) await Promise.all(runs)
    }
    await Promise.all(runs)
    await settled(store)
    if (before !== null) await until(() => descriptors() === before)
  })
}

test('a request is read again from its first byte', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  for (const total of [10, 900 * KB, 5 * MB]) {
    const spool = store.spool('request', 'a', true)
    await fill(spool, total)
    assert.equal(spool.whole, false)
    spool.end()
    assert.equal(spool.whole, true)
    for (const stopAt of [total, Math.floor(total / 2), total]) {
      const reader = spool.reader()
      assert.throws(() => spool.reader(), /is being read/)
      await drain(reader, 0, stopAt)
      reader.close()
    }
    assert.equal(spool.whole, true)
    assert.equal(spool.spilled > 0, total > MESSAGE_MEMORY)
    spool.destroy()
  }
  await settled(store)
})

test('what is read once is read once', t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', null, false)
  spool.reader().close()
  assert.throws(() => spool.reader(), /was read/)
  spool.destroy()
  assert.throws(() => spool.reader(), /is gone/)
})

test('a chunk written while the reader waits goes straight through, uncopied and uncharged', t => {
  const { store } = rig(t, { memory: MB, disk: MB })
  const spool = store.spool('response', 'a', false)
  const reader = spool.reader()
  const got: Array<Buffer | null> = []
  reader.onReadable = () => got.push(reader.read(), reader.read())
  assert.equal(reader.read(), null)
  const view = Buffer.allocUnsafeSlow(64 * KB).subarray(10, 200)
  assert.equal(spool.write(view), true)
  assert.equal(got[0], view)
  assert.equal(got[1], null)
  assert.equal(store.usage().memory, 0)
  spool.end()
  assert.equal(reader.finished, true)
  spool.destroy()
})

test('what a waiting reader leaves over is kept, in order', { timeout }, async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', 'a', false)
  const reader = spool.reader()
  let at = 0
  const some = () => {
    const bytes = reader.read(10)
    if (bytes === null) return
    check(bytes, at)
    at += bytes.length
  }
  reader.onReadable = some
  for (let i = 0; i < 20; i++) {
    some()
    spool.write(piece(spool.size, 15))
  }
  spool.end()
  assert.equal(await drain(reader, at), 300)
  spool.destroy()
  await settled(store)
})

test('a reader that writes into its own spool finds its bytes in order', { timeout }, async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', null, false)
  const reader = spool.reader()
  let at = 0
  reader.onReadable = () => {
    const bytes = reader.read(4)!
    check(bytes, at)
    at += bytes.length
    if (spool.size < 40) spool.write(piece(spool.size, 7))
  }
  assert.equal(reader.read(), null)
  spool.write(piece(0, 9))
  spool.end()
  assert.equal(await drain(reader, at), spool.size)
  spool.destroy()
})

test('destroyed by its own reader in the middle of a write', t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', null, false)
  const reader = spool.reader()
  reader.onReadable = () => spool.destroy()
  assert.equal(reader.read(), null)
  assert.equal(spool.write(piece(0, 9)), true)
  assert.equal(store.usage().open, 0)
  assert.equal(store.usage().memory, 0)
})

test('a message on the disk holds at most 1 MB of memory and one chunk', { timeout }, async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB })
  const spool = store.spool('request', 'a', true)
  let room = true
  let most = 0
  spool.onRoom = () => (room = true)
  while (spool.size < 12 * MB) {
    room = spool.write(piece(spool.size, 64 * KB))
    most = Math.max(most, store.usage().memory)
    if (!room) await until(() => room)
  }
  assert.ok(most <= MESSAGE_MEMORY + 64 * KB, `${most} bytes`)
  spool.destroy()
  await settled(store)
})

test('when memory is short a message spills before it holds 1 MB', { timeout }, async t => {
  const { store } = rig(t, { memory: 128 * KB, disk: 64 * MB })
  const spools = Array.from({ length: 4 }, () => store.spool('response', null, false))
  let most = 0
  for (const spool of spools) {
    while (spool.size < 2 * MB) {
      await fill(spool, spool.size + 16 * KB, 16 * KB)
      most = Math.max(most, store.usage().memory)
    }
  }
  assert.ok(most <= (128 + 16) * KB, `${most} bytes of memory`)
  for (const spool of spools) spool.destroy()
  await settled(store)
})

test('the end wakes a reader that waits for it', t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('response', null, false)
  const reader = spool.reader()
  let woken = 0
  reader.onReadable = () => woken++
  assert.equal(reader.read(), null)
  spool.end()
  spool.end()
  assert.equal(woken, 1)
  assert.equal(reader.finished, true)
  assert.equal(reader.read(), null)
  spool.destroy()
})

test('thousands of small messages leave nothing behind', { timeout }, async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: MB })
  const spools = Array.from({ length: 5000 }, (_, i) => store.spool('request', `c${i % 100}`, true))
  for (const spool of spools) spool.write(piece(0, 200))
  assert.equal(store.usage().open, 5000)
  assert.equal(store.usage().memory, 5000 * 200)
  for (const spool of spools) spool.destroy()
  await settled(store)
})

test('a producer that writes on although it was stopped is let on by onRoom, and by nothing else', {
  timeout,
}, async t => {
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB })
  const spool = store.spool('response', null, false)
  t.after(() => spool.destroy())
  let letOn = false
  const room = Promise.withResolvers<void>()
  spool.onRoom = () => {
    letOn = true
    room.resolve()
  }
  while (spool.write(Buffer.alloc(64 * KB, 'x'))) {}
  // So much more that what the first write of the disk leaves is below the limit and above the mark for onRoom.
  for (let i = 0; i < 5; i++) spool.write(Buffer.alloc(64 * KB, 'x'))
  while (!letOn) {
    assert.equal(spool.write(Buffer.alloc(1)), false, 'write() let the producer on without onRoom')
    await new Promise(resolve => setImmediate(resolve))
  }
  await room.promise
})
