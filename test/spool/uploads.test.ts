import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Spool } from '../../src/spool/spool.ts'
import { Uploads } from '../../src/spool/uploads.ts'

/** As much of an upload as the choice looks at. */
function upload(since: number, size: number, held = size): Spool {
  return { since, size, heldMemory: held, heldDisk: 0 } as unknown as Spool
}

function uploads(...list: Spool[]): Uploads {
  const all = new Uploads()
  for (const spool of list) all.add(spool)
  return all
}

test('the lowest average rate is picked, not the smallest nor the oldest', () => {
  const old = upload(0, 40_000)
  const slow = upload(10_000, 15_000)
  const fast = upload(10_000, 90_000)
  assert.equal(uploads(old, slow, fast).slowest(false, 20_000), slow)
})

test('one that is younger than five seconds has no rate', () => {
  const all = uploads(upload(15_001, 10), upload(15_001, 10))
  assert.equal(all.slowest(false, 20_000), null)
  assert.equal(all.slowest(false, 20_100), null, 'not looked at again so soon')
  assert.notEqual(all.slowest(false, 20_300), null)
})

test('one that holds little is spared: its going would be no gain', () => {
  const little = upload(0, 100)
  const much = upload(0, 100_000)
  assert.equal(uploads(little, much).slowest(false, 20_000), much)
})

test('only what is held of the budget in question counts', () => {
  const all = uploads(upload(0, 100), upload(0, 100))
  assert.equal(all.slowest(true, 20_000), null)
})

test('the only upload is never picked', () => {
  assert.equal(uploads(upload(0, 100)).slowest(false, 20_000), null)
})

test('one at a time: the next only when all that the last held has come back', () => {
  const [a, b, c] = [upload(0, 100), upload(0, 110), upload(0, 120)]
  const all = uploads(a, b, c)
  assert.equal(all.slowest(false, 20_000), a)
  all.remove(a)
  assert.equal(all.slowest(false, 20_000), null)
  all.gone(a)
  assert.equal(all.slowest(false, 20_000), b)
})
