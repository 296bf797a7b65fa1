import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import type { SpoolFs } from '../../src/spool/folder.ts'
import type { SpoolReader } from '../../src/spool/spool.ts'
import type { SpoolStore } from '../../src/spool/store.ts'
import { check, dice, drain, fill, KB, MB, meet, rig, settled, until } from './rig.ts'

const timeout = 60_000

/** A disk whose reads end when the test says so, which may be long after they were asked for. */
function slow() {
  const waiting: Array<() => void> = []
  const disk = { reads: 0, hold: false, fail: false, waiting }
  const shim = {
    ...fs,
    read: (
      ...args: [number, Buffer, number, number, number, (error: Error | null, bytes: number) => void]
    ) => {
      disk.reads++
      const done = args[5]
      args[5] = (error, bytes) => {
        const end = () => (disk.fail ? done(new Error('EIO: i/o error, read'), 0) : done(error, bytes))
        if (disk.hold) waiting.push(end)
        else end()
      }
      fs.read(...args)
    },
  }
  return { disk, fs: shim as unknown as SpoolFs }
}

/** Waits until all but the first bytes of the only message is on the disk, so that no write is under way. */
function written(store: SpoolStore): Promise<void> {
  return until(() => store.usage().memory <= 128 * KB)
}

/** Reads what is in memory, and then the first piece from the file. Returns the place after it. */
async function toTheFile(reader: SpoolReader, disk: { reads: number }): Promise<number> {
  let at = 0
  let readable = true
  reader.onReadable = () => (readable = true)
  for (;;) {
    const before = disk.reads
    const bytes = reader.read()
    if (bytes !== null) {
      check(bytes, at)
      at += bytes.length
      if (before > 0) return at
      continue
    }
    readable = false
    await until(() => readable)
  }
}

test('the next bytes are read while the ones before are handed out', { timeout }, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('request', null, true)
  await fill(spool, 8 * MB)
  spool.end()
  await written(store)
  const idle = store.usage().memory
  const reader = spool.reader()
  disk.hold = true
  const first = reader.read()
  assert.ok(first !== null)
  assert.equal(disk.reads, 1, 'the file is read while the first bytes come from memory')
  await until(() => disk.waiting.length === 1)
  disk.waiting.shift()!()
  let at = first.length
  for (let bytes = reader.read(); bytes !== null; bytes = reader.read()) {
    check(bytes, at)
    at += bytes.length
  }
  assert.equal(disk.reads, 2, 'one read ahead of the one that was handed out, and no more')
  assert.equal(store.usage().memory - idle, 512 * KB, 'two buffers are charged')
  await until(() => disk.waiting.length === 1)
  disk.hold = false
  let readable = false
  reader.onReadable = () => (readable = true)
  disk.waiting.shift()!()
  assert.equal(readable, true, 'the end of the read is told to a reader that asked meanwhile')
  assert.equal(await drain(reader, at), 8 * MB)
  reader.close()
  assert.equal(store.usage().memory, idle)
  spool.destroy()
  await settled(store)
})

test('nothing is read ahead when memory is short', { timeout }, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * KB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  await fill(spool, 4 * MB)
  spool.end()
  await until(() => store.usage().memory < 32 * KB)
  const other = store.spool('response', null, false)
  await fill(other, 40 * KB)
  const reader = spool.reader()
  let readable = true
  let most = 0
  reader.onReadable = () => (readable = true)
  for (let at = 0; at < 4 * MB; ) {
    const before = disk.reads
    const bytes = reader.read()
    if (bytes === null) {
      readable = false
      await until(() => readable)
      continue
    }
    assert.equal(disk.reads, before, `a read of the file that nobody waited for, at ${at}`)
    check(bytes, at)
    at += bytes.length
    reader.reuse()
    most = Math.max(most, store.usage().memory)
  }
  assert.ok(most <= 40 * KB + 32 * KB, `${most} bytes: one small buffer`)
  spool.destroy()
  other.destroy()
  await settled(store)
})

test('what is read ahead is not overwritten, however long the disk takes', { timeout }, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const roll = dice(11)
  disk.hold = true
  const turn = setInterval(() => {
    if (roll() < 0.5) disk.waiting.shift()?.()
  })
  t.after(() => clearInterval(turn))
  for (let seed = 1; seed <= 8; seed++) {
    const spool = store.spool('response', null, false)
    assert.equal(await meet(spool, 6 * MB, seed), 6 * MB, `seed ${seed}`)
    spool.destroy()
  }
  await settled(store)
})

test('a spool destroyed while its file is read holds that memory until the read is over', {
  timeout,
}, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('request', null, true)
  await fill(spool, 4 * MB)
  spool.end()
  const reader = spool.reader()
  reader.onReadable = () => assert.fail('called after the spool was destroyed')
  await written(store)
  disk.hold = true
  assert.ok(reader.read() !== null)
  await until(() => disk.waiting.length === 1)
  spool.destroy()
  assert.equal(store.usage().memory, 256 * KB)
  disk.waiting.shift()!()
  await settled(store)
})

test('a reader closed while the file is read for it leaves the next one in order', { timeout }, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('request', null, true)
  await fill(spool, 4 * MB)
  spool.end()
  await written(store)
  const idle = store.usage().memory
  for (const asked of [false, true]) {
    const reader = spool.reader()
    reader.onReadable = () => assert.fail('called after close')
    disk.hold = true
    if (asked) while (reader.read() !== null);
    else reader.read()
    await until(() => disk.waiting.length === 1)
    reader.close()
    assert.equal(store.usage().memory, idle + 256 * KB, 'what is being filled stays counted')
    disk.hold = false
    const again = spool.reader()
    const read = drain(again)
    disk.waiting.shift()!()
    assert.equal(await read, 4 * MB)
    again.close()
    assert.equal(store.usage().memory, idle)
  }
  spool.destroy()
  await settled(store)
})

test('a disk that fails what is read ahead is told once, and all comes back', { timeout }, async t => {
  const { disk, fs: shim } = slow()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  await fill(spool, 4 * MB)
  spool.end()
  const reader = spool.reader()
  const errors: string[] = []
  const failed = Promise.withResolvers<void>()
  reader.onError = detail => {
    errors.push(detail)
    failed.resolve()
  }
  await toTheFile(reader, disk)
  disk.fail = true
  for (let turns = 0; errors.length === 0 && turns < 1000; turns++) {
    reader.reuse()
    reader.read()
    await new Promise(resolve => setImmediate(resolve))
  }
  await failed.promise
  assert.equal(reader.read(), null)
  assert.match(errors.join('\n'), /^reading back from the spool's disk failed: EIO[^\n]*$/)
  spool.destroy()
  await settled(store)
})
