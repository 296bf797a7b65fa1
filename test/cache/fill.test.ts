import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Fill } from '../../src/cache/fill.ts'
import { digestOf } from '../../src/cache/keys.ts'
import { ended, kept, openedIn, type Rig, rigOf } from './rig.ts'

const A = digestOf('a')

function fillOf({ store }: Rig): { fill: Fill; events: string[] } {
  const events: string[] = []
  const record = { ...kept(), key: 'a', variant: '' }
  const fill = new Fill(store, A, record, {
    whole: () => events.push('whole'),
    stored: bytes => events.push(`stored ${bytes}`),
    failed: () => events.push('failed'),
  })
  return { fill, events }
}

const names = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name)

test('an answer becomes a file of its name, and of that only', async t => {
  const rig = rigOf(t)
  const { fill, events } = fillOf(rig)
  const piece = Buffer.from('hello')
  fill.write(piece)
  // What was given may change at once.
  piece.fill(0)
  fill.write(Buffer.from(' world'))
  fill.whole()
  await ended(fill)
  assert.deepEqual(names(rig.folder), [A])
  const bytes = readFileSync(rig.store.place(A).file)
  assert.deepEqual(events, ['whole', `stored ${bytes.length}`])
  assert.equal(bytes.toString().slice(-11), 'hello world')
  assert.equal((await openedIn(rig.store, A))?.body?.toString(), 'hello world')
})

test('a large one is written while it comes; who gives it waits for the disk alone', async t => {
  const rig = rigOf(t)
  const { fill, events } = fillOf(rig)
  const piece = Buffer.alloc(64 * 1024, 'x')
  let waits = 0
  for (let i = 0; i < 64; i++) {
    if (fill.write(piece)) continue
    waits++
    assert.ok(fill.full)
    await new Promise<void>(resolve => {
      fill.onRoom = resolve
    })
    assert.ok(!fill.full)
  }
  fill.whole()
  await ended(fill)
  assert.ok(waits > 0, 'four megabytes at once are more than may wait')
  assert.match(events.join(), /^whole,stored 4194\d\d\d$/)
  assert.equal((await openedIn(rig.store, A))?.bodyLength, 64 * 64 * 1024)
})

test('of one that breaks off nothing stays, whenever that is', async t => {
  const rig = rigOf(t)
  for (const bytes of [0, 10, 100_000, 3_000_000]) {
    const { fill, events } = fillOf(rig)
    fill.write(Buffer.alloc(bytes))
    fill.fail()
    fill.fail()
    fill.whole()
    assert.ok(fill.write(Buffer.alloc(10)), 'what still comes is let go')
    await ended(fill)
    assert.deepEqual(events, ['failed'])
    if (bytes > 64 * 1024) assert.deepEqual(names(rig.folder), [])
  }
})

test('one that is larger than the cache may be is not kept', async t => {
  const rig = rigOf(t, { maxSize: 1_000 })
  const { fill, events } = fillOf(rig)
  assert.ok(fill.write(Buffer.alloc(1_001)))
  assert.deepEqual(events, ['failed'])
  fill.whole()
  await ended(fill)
})

test('where nothing can be written the operator hears it, and the answer is let go', async t => {
  const rig = rigOf(t, { path: '/proc/nowhere' })
  const { fill, events } = fillOf(rig)
  fill.write(Buffer.from('hello'))
  fill.whole()
  await ended(fill)
  assert.deepEqual(events, ['whole', 'failed'])
  assert.match(rig.said[0]!, /^crit: mkdir\(\) "\/proc\/nowhere\/\w\/\w\w" failed/)
  assert.match(rig.said[1]!, /^warn: nothing can be written in the cache "\/proc\/nowhere": /)
})
