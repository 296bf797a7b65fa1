import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Entries } from '../../src/cache/entries.ts'
import { Keeper } from '../../src/cache/keeper.ts'
import { digestOf } from '../../src/cache/keys.ts'
import { CacheStore } from '../../src/cache/store.ts'
import { kept, pour, type Rig, rigOf } from './rig.ts'

async function fill({ use }: Rig, keys: readonly string[], body = 'hello'): Promise<void> {
  for (const key of keys) {
    const one = use(key)
    await one.open()
    await pour(one, body, kept())
  }
}

test('what lies there is learnt, and nothing that is not ours is touched', async t => {
  const rig = rigOf(t)
  await fill(rig, ['a', 'b'])
  const { folder, store } = rig
  const foreign = [
    `${store.place(digestOf('c')).file}`,
    join(folder, 'a note'),
    join(folder, digestOf('d')),
    `${store.place(digestOf('a')).file}.txt`,
    `${store.place(digestOf('a')).file}.${process.ppid}.0.1`,
  ]
  for (const path of foreign) {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, 'somebody else’s')
  }
  // Of a process that is gone, and one of ours that had our number before us.
  const left = [
    `${store.place(digestOf('a')).file}.4194300.0.7`,
    `${store.place(digestOf('b')).file}.${process.pid}.1.7`,
  ]
  for (const path of left) {
    writeFileSync(path, 'half')
    utimesSync(path, 1, 1)
  }
  const said: string[] = []
  const anew = new CacheStore(store.config, Entries.memoryFor(8192), {
    error: (level, message) => void said.push(`${level}: ${message}`),
    warn() {},
  })
  const keeper = new Keeper(anew)
  keeper.start()
  t.after(() => keeper.stop())
  while (anew.zone.stock.cold) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(anew.zone.stock.usage, { ...store.zone.stock.usage, count: 2 })
  assert.match(said.join(), /^notice: http file cache: /)
  for (const path of foreign) assert.ok(existsSync(path), path)
  for (const path of left) assert.ok(!existsSync(path), path)
})

test('what was not asked for for long goes', async t => {
  const rig = rigOf(t, { inactive: 0 })
  await fill(rig, ['a', 'b', 'c'])
  const keeper = new Keeper(rig.store)
  assert.equal(await keeper.clean(), 10_000)
  assert.deepEqual(rig.store.zone.stock.usage, { bytes: 0, count: 0, crowded: false })
  assert.deepEqual(files(rig.folder), [])
})

test('what is too much goes, the oldest first', async t => {
  const rig = rigOf(t, { maxSize: 25_000 })
  await fill(rig, ['a', 'b', 'c'], 'x'.repeat(10_000))
  await new Keeper(rig.store).clean()
  assert.deepEqual(files(rig.folder), [digestOf('b'), digestOf('c')].sort())
})

test('so it is where the disk is to have more free than it has', async t => {
  const rig = rigOf(t, { minFree: Number.MAX_SAFE_INTEGER })
  await fill(rig, ['a', 'b'])
  await new Keeper(rig.store).clean()
  assert.deepEqual(files(rig.folder), [])
})

test('only so many are removed at once, and then others have their turn', async t => {
  const rig = rigOf(t, { inactive: 0, managerFiles: 2, managerSleep: 7 })
  await fill(rig, ['a', 'b', 'c'])
  const keeper = new Keeper(rig.store)
  assert.equal(await keeper.clean(), 7)
  assert.equal(files(rig.folder).length, 1)
  assert.equal(await keeper.clean(), 10_000)
})

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort()
}
