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

test('what was not asked for for long is found by its age, but not while somebody holds it', () => {
  const one = zone()
  const places = ['a', 'b', 'c'].map((key, i) => {
    const { at } = one.enter(digestOf(key), 0, TERMS, 100 + i)
    one.stored(at, 10)
    return at
  })
  assert.equal(one.stock.idle(159), 1)
  assert.deepEqual(one.stock.idle(160), { at: places[0], digest: A, exists: true })
  one.stock.removed(places[0]!)
  assert.deepEqual([one.stock.usage.bytes, one.stock.usage.count], [20, 2])
  const { at } = one.enter(digestOf('b'), 0, { ...TERMS, inactive: 0 }, 101)
  one.enter(digestOf('c'), places[2]!, TERMS, 102)
  assert.equal(at, places[1])
  assert.equal(one.stock.idle(161), 0, 'it is held, and comes again later')
  assert.equal(one.stock.idle(161), 1)
  assert.deepEqual(one.stock.oldest(), { at: places[2], digest: digestOf('c'), exists: true })
})

test('without room the oldest that nobody holds makes some', () => {
  const one = zone()
  const held = one.enter(A, 0, TERMS, 100)
  for (let i = 1; i < 64; i++) one.stored(one.enter(digestOf(`more ${i}`), 0, TERMS, 100).at, 1)
  assert.equal(one.enter(digestOf('b'), 0, TERMS, 100).standing, 'full')
  assert.ok(one.stock.usage.crowded)
  const victim = one.stock.oldest()!
  assert.equal(victim.digest, digestOf('more 1'))
  one.stock.removed(victim.at)
  assert.equal(one.enter(digestOf('b'), 0, TERMS, 100).standing, 'new')
  one.leave(held.at, null, false)
})

test('one thread learns what lies there, once', () => {
  const one = zone()
  assert.ok(one.stock.cold)
  assert.ok(one.stock.beginLoading())
  assert.ok(!one.stock.beginLoading())
  one.stock.endLoading(false)
  assert.ok(one.stock.beginLoading())
  assert.ok(one.stock.add(A, 5, 60, 100))
  assert.ok(one.stock.add(A, 5, 60, 100), 'it is known already')
  one.stock.endLoading(true)
  assert.ok(!one.stock.cold && !one.stock.beginLoading())
  assert.deepEqual(one.stock.usage, { bytes: 5, count: 1, crowded: false })
  const { at, exists } = one.enter(A, 0, TERMS, 100)
  assert.ok(exists)
  one.found(at, null)
  assert.equal(one.stock.usage.bytes, 0)
  assert.equal(one.enter(A, at, TERMS, 100).exists, false)
})
