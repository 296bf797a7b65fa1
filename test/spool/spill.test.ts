import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { SpoolFs } from '../../src/spool/folder.ts'
import { ByteQueue } from '../../src/spool/queue.ts'
import { Spill } from '../../src/spool/spill.ts'
import { check, drain, fill, KB, MB, meet, piece, rig, settled, until } from './rig.ts'

const timeout = 60_000

/** A disk that fails when told to, writes only in part, and counts what is done to it. */
function failing() {
  const seen = { writes: 0, truncations: 0, closes: 0 }
  const disk = { full: false, short: false, broken: false, noDescriptors: false, seen }
  const error = (code: string, what: string) => Object.assign(new Error(`${code}: ${what}`), { code })
  const shim = {
    ...fs,
    open: (...args: Parameters<typeof fs.open>) => {
      const done = args.at(-1) as unknown as (error: Error | null, fd: number) => void
      if (disk.noDescriptors) setImmediate(() => done(error('EMFILE', 'too many open files, open'), -1))
      else fs.open(...args)
    },
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      if (disk.noDescriptors) throw error('EMFILE', 'too many open files, open')
      return fs.openSync(...args)
    },
    writev: (
      fd: number,
      chunks: Buffer[],
      at: number,
      done: (error: Error | null, bytes: number) => void,
    ) => {
      seen.writes++
      if (disk.full) return setImmediate(() => done(error('ENOSPC', 'no space left on device, write'), 0))
      if (!disk.short) return fs.writev(fd, chunks, at, done)
      const all = Buffer.concat(chunks)
      return fs.write(fd, all, 0, Math.ceil(all.length / 3), at, done)
    },
    read: (
      ...args: [number, Buffer, number, number, number, (error: Error | null, bytes: number) => void]
    ) => {
      if (disk.broken) setImmediate(() => args[5](error('EIO', 'i/o error, read'), 0))
      else fs.read(...args)
    },
    ftruncate: (...args: Parameters<typeof fs.ftruncate>) => {
      seen.truncations++
      fs.ftruncate(...args)
    },
    close: (...args: Parameters<typeof fs.close>) => {
      seen.closes++
      fs.close(...args)
    },
  }
  return { disk, fs: shim as unknown as SpoolFs }
}

test('a request on a full disk is refused, and the others go on', { timeout }, async t => {
  const { disk, fs: shim } = failing()
  const { store, warnings } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const small = store.spool('request', 'a', true)
  await fill(small, 100 * KB)
  disk.full = true
  const large = store.spool('request', 'b', true)
  const troubles: string[] = []
  large.onTrouble = (why, detail) => troubles.push(`${why}: ${detail}`)
  await fill(large, 8 * MB)
  assert.equal(troubles.length, 1)
  assert.match(troubles[0]!, /^disk: .*ENOSPC/)
  small.end()
  assert.equal(await drain(small.reader()), 100 * KB)
  assert.deepEqual(warnings, [])
  small.destroy()
  await settled(store)
})

test('a whole request whose last bytes meet a full disk stays whole, in memory', { timeout }, async t => {
  const { disk, fs: shim } = failing()
  const { store } = rig(t, { memory: 64 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('request', 'b', true)
  spool.onTrouble = why => assert.fail(why)
  disk.full = true
  for (let i = 0; i < 20; i++) spool.write(piece(spool.size, 64 * KB))
  spool.end()
  await until(() => disk.seen.writes > 0)
  for (let i = 0; i < 2; i++) {
    const reader = spool.reader()
    assert.equal(await drain(reader), 20 * 64 * KB)
    reader.close()
  }
  spool.destroy()
  await settled(store)
})

for (const trouble of ['full', 'noDescriptors'] as const) {
  test(`an answer goes on when the disk fails it (${trouble}), with one warning`, { timeout }, async t => {
    const { disk, fs: shim } = failing()
    const { store, warnings } = rig(t, { memory: 4 * MB, disk: 64 * MB, fs: shim })
    disk[trouble] = true
    for (let seed = 1; seed <= 4; seed++) {
      const spool = store.spool('response', 'a', false)
      assert.equal(await meet(spool, 8 * MB, seed), 8 * MB)
      spool.destroy()
    }
    await settled(store)
    assert.equal(warnings.filter(line => /ENOSPC|EMFILE/.test(line)).length, 1, warnings.join('\n'))
  })
}

test('an answer that began on the disk goes on when the disk fills', { timeout }, async t => {
  const { disk, fs: shim } = failing()
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  await fill(spool, 6 * MB)
  disk.full = true
  let room = true
  spool.onRoom = () => (room = true)
  const reader = spool.reader()
  let at = 0
  while (spool.size < 20 * MB) {
    if (room) room = spool.write(piece(spool.size, 64 * KB))
    else at = await drain(reader, at, spool.size)
  }
  spool.end()
  assert.equal(await drain(reader, at), 20 * MB)
  spool.destroy()
  await settled(store)
})

test('writes that are only done in part are carried on', { timeout }, async t => {
  const { disk, fs: shim } = failing()
  disk.short = true
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  assert.equal(await meet(spool, 6 * MB, 3), 6 * MB)
  spool.destroy()
  await settled(store)
})

test('bytes that cannot be read back are an error, not silence', { timeout }, async t => {
  const { disk, fs: shim } = failing()
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  await fill(spool, 6 * MB)
  spool.end()
  disk.broken = true
  await assert.rejects(drain(spool.reader()), /reading back from the spool's disk failed: EIO/)
  spool.destroy()
  await settled(store)
})

test('a real disk that runs full: requests refused, answers whole', { timeout }, async t => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'spool-test-'))
  let mounted = false
  t.after(() => {
    if (mounted) execFileSync('umount', ['-l', dir])
    fs.rmdirSync(dir)
  })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', dir], { stdio: 'pipe' })
    mounted = true
  } catch {
    return t.skip('mounting a small tmpfs needs root')
  }
  const { store } = rig(t, { memory: 64 * MB, disk: 256 * MB, dir })
  const answer = store.spool('response', 'a', false)
  assert.equal(await meet(answer, 8 * MB, 5), 8 * MB)
  const slow = store.spool('response', 'a', false)
  await fill(slow, 6 * MB)
  const request = store.spool('request', 'b', true)
  const troubles: string[] = []
  request.onTrouble = why => troubles.push(why)
  await fill(request, 8 * MB)
  assert.deepEqual(troubles, ['disk'])
  slow.end()
  assert.equal(await drain(slow.reader()), 6 * MB)
  for (const spool of [answer, slow, request]) spool.destroy()
  await settled(store)
  assert.deepEqual(fs.readdirSync(dir), [])
})

test('an endless answer whose client catches up now and then does not grow the file', {
  timeout,
}, async t => {
  const { disk, fs: shim } = failing()
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB, fs: shim })
  const spool = store.spool('response', null, false)
  const reader = spool.reader()
  let at = 0
  let most = 0
  for (let round = 1; round <= 10; round++) {
    await fill(spool, round * 4 * MB)
    most = Math.max(most, store.usage().disk)
    at = await drain(reader, at, spool.size)
  }
  assert.ok(most > MB && most <= 4 * MB, `the file grew to ${most} bytes`)
  assert.ok(disk.seen.truncations > 0)
  assert.ok(spool.spilled > 10 * MB)
  spool.destroy()
  await settled(store)
  assert.equal(disk.seen.closes, 1)
})

test('when the reader has passed the file, the rest of the tail goes to its start', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('response', null, false)
  const spill = new Spill(spool)
  const tail = new ByteQueue(0)
  tail.push(piece(0, 300 * KB))
  store.chargeMemory(spool, 300 * KB)
  spill.begin(tail)
  assert.equal(spill.rewind(140 * KB, false), null)
  spill.write()
  await until(() => spill.to === 300 * KB)
  assert.deepEqual([store.usage().memory, store.usage().disk], [0, 160 * KB])
  const back = Buffer.alloc(10 * KB)
  await new Promise<void>(resolve => spill.read(back, 150 * KB, () => resolve()))
  check(back, 150 * KB)
  await new Promise<void>(resolve => spill.close(resolve))
  spool.destroy()
  await settled(store)
})

test('one write takes less where a reader is close behind', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('response', null, false)
  const spill = new Spill(spool)
  const tail = new ByteQueue(0)
  const writeTo = async (readTo: number | null) => {
    while (tail.end < spill.to + MB) {
      tail.push(piece(tail.end, 64 * KB))
      store.chargeMemory(spool, 64 * KB)
    }
    const from = spill.to
    spill.write(readTo)
    await until(() => !spill.busy)
    return spill.to - from
  }
  spill.begin(tail)
  assert.equal(await writeTo(null), 512 * KB)
  assert.equal(await writeTo(0), 256 * KB)
  while (spill.to < 4 * MB) await writeTo(spill.to)
  assert.equal(await writeTo(0), 512 * KB, 'far behind')
  await new Promise<void>(resolve => spill.close(resolve))
  spool.destroy()
  await settled(store)
})

for (const [memory, waits] of [
  [16 * MB, true],
  [256 * KB, false],
] as const) {
  const title = waits ? 'in plenty few bytes wait for more' : 'short the disk takes what there is'
  test(`with memory ${title}`, { timeout }, async t => {
    const { store } = rig(t, { memory, disk: 64 * MB })
    // Another one, that holds three quarters of what is short.
    const other = store.spool('response', null, false)
    store.chargeMemory(other, 192 * KB)
    const spool = store.spool('response', null, false)
    const spill = new Spill(spool)
    const tail = new ByteQueue(0)
    const add = (bytes: number) => {
      tail.push(piece(tail.end, bytes))
      store.chargeMemory(spool, bytes)
      spill.write()
    }
    spill.begin(tail)
    add(20 * KB)
    assert.equal(spill.busy, !waits)
    while (tail.end < 140 * KB) add(20 * KB)
    assert.equal(spill.busy, true)
    await until(() => !spill.busy)
    assert.ok(spill.to >= (waits ? 128 : 20) * KB, `${spill.to} are on the disk`)
    store.freeMemory(other, 192 * KB)
    other.destroy()
    await new Promise<void>(resolve => spill.close(resolve))
    spool.destroy()
    await settled(store)
  })
}

test('destroyed in the middle of a write, all comes back once the write is over', { timeout }, async t => {
  const { store } = rig(t, { memory: 16 * MB, disk: 64 * MB })
  const spool = store.spool('response', null, false)
  while (spool.write(piece(spool.size, 64 * KB)));
  spool.destroy()
  const { memory, disk, open } = store.usage()
  assert.ok(memory > 0 && disk > 0, 'what is being written stays counted')
  assert.equal(open, 0)
  await settled(store)
})
