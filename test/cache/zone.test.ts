import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entries } from '../../src/cache/entries.ts'
import { digestOf } from '../../src/cache/keys.ts'
import { CacheZone } from '../../src/cache/zone.ts'

const TERMS = { minUses: 1, inactive: 60 }
const A = digestOf('a')

function zone(size = 8192): CacheZone {
  return new CacheZone(Entries.memoryFor(size))
}

test('an answer that was stored is known; one that came to nothing is forgotten', () => {
  const one = zone()
  const first = one.enter(A, 0, TERMS, 100)
  assert.deepEqual([first.standing, first.exists], ['new', false])
  one.stored(first.at, 500)
  assert.deepEqual(one.stock.usage, { bytes: 500, count: 1, crowded: false })
  const second = one.enter(A, 0, TERMS, 101)
  assert.deepEqual([second.standing, second.exists], ['known', true])
  one.leave(second.at, null, false)
  const other = one.enter(digestOf('b'), 0, TERMS, 101)
  one.leave(other.at, null, false)
  assert.equal(one.stock.usage.count, 1)
})

test('what is rarely asked for is scarce, however it is entered again', () => {
  const one = zone()
  const terms = { minUses: 3, inactive: 60 }
  const standings = [1, 2, 3, 4].map(() => {
    const { at, standing } = one.enter(A, 0, terms, 100)
    assert.equal(one.enter(A, at, terms, 100).standing === 'known', standing === 'known', 'no use more')
    one.leave(at, null, true)
    return standing
  })
  assert.deepEqual(standings, ['new', 'scarce', 'known', 'known'])
})

test('one has the right to make it, until that is given back or too old', async () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.enter(A, 0, TERMS, 100)
  const lock = one.lock(at, 1_000, 500)
  assert.notEqual(lock, null)
  assert.equal(one.lock(at, 1_400, 500), null)
  const later = one.lock(at, 1_500, 500)
  assert.notEqual(later, null)
  const turn = one.turn(at)
  // The first comes back: what the second has is not touched by that.
  one.leave(at, lock, false)
  assert.equal(one.lock(at, 1_600, 500), null)
  await one.changed(at, turn, 60_000)
  const next = one.turn(at)
  setImmediate(() => one.stored(at, 1))
  await one.changed(at, next, 60_000)
  assert.notEqual(one.lock(at, 1_600, 500), null)
})

test('the first who sees that its time is over has it made anew', () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.stored(at, 1)
  one.enter(A, 0, TERMS, 100)
  one.enter(A, 0, TERMS, 100)
  const mine = one.update(at)
  assert.notEqual(mine, null)
  assert.equal(one.update(at), null)
  one.leave(at, null, false)
  assert.equal(one.update(at), null, 'it was not theirs to give back')
  one.leave(at, mine, false)
  assert.notEqual(one.update(at), null)
})

test('a status stands for an answer, for a while', () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.fail(at, null, 502, 110)
  const seen = one.enter(A, 0, TERMS, 110)
  assert.deepEqual([seen.standing, seen.status], ['error', 502])
  one.leave(seen.at, null, false)
  const after = one.enter(A, 0, TERMS, 111)
  assert.deepEqual([after.standing, after.status], ['new', 0])
})

test('the file of which that was the status then is no answer, and is removed all the same', () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.stored(at, 500)
  one.enter(A, 0, TERMS, 100)
  one.fail(at, null, 404, 110)
  const after = one.enter(A, 0, TERMS, 111)
  assert.deepEqual([after.standing, after.exists], ['new', false])
  one.leave(at, null, false)
  assert.deepEqual([one.stock.usage.bytes, one.stock.usage.count], [500, 1])
  assert.deepEqual(one.stock.idle(171), { at, digest: A, exists: true })
  one.stock.removed(at)
  assert.deepEqual([one.stock.usage.bytes, one.stock.usage.count], [0, 0])
})

test('a file that comes while the one before is removed is known', () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.stored(at, 500)
  assert.equal(one.stock.oldest()?.at, at)
  assert.equal(one.enter(A, 0, TERMS, 100).exists, false, 'it is about to go')
  one.stored(at, 20)
  one.stock.removed(at)
  assert.deepEqual([one.stock.usage.bytes, one.stock.usage.count], [20, 1])
  assert.equal(one.enter(A, 0, TERMS, 100).exists, true)
})

test('one in its last moments is known to be', () => {
  const one = zone()
  const { at } = one.enter(A, 0, TERMS, 100)
  one.finishing(at, true)
  const other = one.enter(A, 0, TERMS, 100)
  assert.equal(other.finishing, true)
  one.finishing(at, false)
  assert.equal(one.enter(A, at, TERMS, 100).finishing, false)
})
