import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { Entries } from '../../src/cache/entries.ts'
import { Keeper } from '../../src/cache/keeper.ts'
import { digestOf } from '../../src/cache/keys.ts'
import { CacheStore } from '../../src/cache/store.ts'
import { temporaryFolder } from '../support/owner.ts'
import { kept, NOW, openedIn, pour, rigOf } from './rig.ts'

const A = digestOf('a')

test('what was kept is opened again; a large one as a file', async t => {
  const { store, use } = rigOf(t)
  assert.equal(await openedIn(store, A), null)
  for (const body of ['hello', 'x'.repeat(100_000)]) {
    const one = use('a')
    await one.open()
    assert.ok(await pour(one, body))
    const found = (await openedIn(store, A))!
    assert.deepEqual([found.record.key, found.record.status, found.bodyLength], ['a', 200, body.length])
    if (body.length < 1_000) assert.equal(found.body?.toString(), body)
    else assert.ok(found.body === null && found.descriptor > 0)
    store.close(found)
  }
})

test('a folder whose name is not ASCII is the one that the file names', async t => {
  const around = temporaryFolder(t)
  // As it is read from a file: one character a byte.
  const path = `${around}/${Buffer.from('käche').toString('latin1')}`
  const { store, use } = rigOf(t, { path, levels: [] })
  const one = use('a')
  await one.open()
  assert.ok(await pour(one, 'hello'))
  assert.deepEqual(readdirSync(around), ['käche'])
  assert.deepEqual(readdirSync(`${around}/käche`), [A])
  // Whoever looks through it at the next start finds it there, too.
  const next = new CacheStore(store.config, Entries.memoryFor(store.config.size), store.log)
  const keeper = new Keeper(next)
  t.after(() => keeper.stop())
  keeper.start()
  while (next.zone.stock.cold) await new Promise(resolve => setImmediate(resolve))
  assert.equal(next.zone.stock.usage.count, 1)
})

test('a file that was cut or changed is none, and is removed; another program’s is left alone', async t => {
  const { store, use, said } = rigOf(t)
  const { file } = store.place(A)
  const spoil: [string, () => void, removed: boolean][] = [
    ['is too small', () => truncateSync(file, 90_000), true],
    ['is too small', () => truncateSync(file, 10), true],
    ['is too small', () => truncateSync(file, 0), true],
    ['is damaged', () => change(file, 80), true],
    ['is damaged', () => change(file, 20), true],
    ['is of another program, and is not used', () => writeFileSync(file, '\x05'.padEnd(400, '\0')), false],
  ]
  for (const [words, work, removed] of spoil) {
    const one = use('a')
    await one.open()
    await pour(one, 'x'.repeat(100_000))
    work()
    assert.equal(await openedIn(store, A), null)
    assert.equal(said.pop(), `crit: cache file "${file}" ${words}`)
    assert.equal(existsSync(file), !removed, words)
  }
})

function change(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1
  writeFileSync(file, bytes)
}

test('no link is followed, neither of a file nor of a folder', async t => {
  const rig = rigOf(t)
  const one = rig.use('a')
  await one.open()
  await pour(one, 'hello')
  const { file, folder } = rig.store.place(A)
  const elsewhere = `${rig.folder}-elsewhere`
  renameSync(file, elsewhere)
  symlinkSync(elsewhere, file)
  assert.equal(await openedIn(rig.store, A), null)
  rmSync(file)
  rmSync(folder, { recursive: true })
  mkdirSync(`${elsewhere}-folder`)
  symlinkSync(`${elsewhere}-folder`, folder)
  rig.store.forgetFolders()
  assert.equal(await openedIn(rig.store, A), null)
  const again = rig.use('a')
  await again.open()
  assert.equal(await pour(again, 'hello'), false)
  assert.match(rig.said.at(-1) ?? '', /nothing can be written in the cache .*ELOOP/)
})

test('a folder that somebody removed is made anew', async t => {
  const { store, use, folder } = rigOf(t)
  for (const gone of [dirname(store.place(A).file), folder]) {
    const one = use('a')
    await one.open()
    await pour(one, 'hello')
    rmSync(gone, { recursive: true })
  }
  const one = use('a')
  await one.open()
  assert.ok(await pour(one, 'hello', kept()))
  assert.equal((await openedIn(store, A))?.body?.toString(), 'hello')
})

test('moments are set anew in a file that is still the same', async t => {
  const { store, use } = rigOf(t)
  const one = use('a')
  await one.open()
  await pour(one, 'hello', kept(-5))
  const found = (await openedIn(store, A))!
  const times = { validUntil: NOW + 77, updatingFor: 1, errorFor: 2, date: NOW }
  await store.renew(found, times)
  assert.deepEqual((await openedIn(store, A))!.record.times, times)
  await store.renew({ ...found, size: found.size + 1 }, { ...times, validUntil: 1 })
  assert.equal((await openedIn(store, A))!.record.times.validUntil, NOW + 77)
})
