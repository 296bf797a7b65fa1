import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entries } from '../../src/cache/entries.ts'
import { HeldEntry } from '../../src/cache/held-entry.ts'
import { digestOf } from '../../src/cache/keys.ts'
import { CacheZone } from '../../src/cache/zone.ts'

const TERMS = { minUses: 1, inactive: 60_000, lockAge: 5_000 }

function twoOf(zone = new CacheZone(Entries.memoryFor(8192))): [HeldEntry, HeldEntry] {
  return [new HeldEntry(zone, digestOf('a'), TERMS), new HeldEntry(zone, digestOf('a'), TERMS)]
}

test('one has the right to make the answer, and leaves it to the next', () => {
  const [one, other] = twoOf()
  one.enter()
  other.enter()
  assert.deepEqual([one.mayMake(), other.mayMake()], [true, false])
  one.leave()
  assert.equal(other.mayMake(), true)
})

test('an entry is left once, however often it is said', () => {
  const zone = new CacheZone(Entries.memoryFor(8192))
  const [one, other] = twoOf(zone)
  one.enter()
  other.enter()
  one.leave()
  one.leave()
  one.fail(502, 0)
  assert.equal(zone.stock.usage.count, 1, 'the other holds it still')
  other.leave()
  assert.equal(zone.stock.usage.count, 0)
})

test('whoever it was handed over to has it, and the right that goes with it', () => {
  const [one, other] = twoOf()
  one.enter()
  other.enter()
  assert.ok(one.mayMake())
  const filled = one.handOver()
  one.leave()
  assert.equal(other.mayMake(), false)
  filled.ending()
  assert.equal(other.enter().finishing, true)
  filled.stored(10)
  const seen = other.enter()
  assert.deepEqual([seen.finishing, seen.exists], [false, true])
  assert.deepEqual([other.mayRenew(), other.mayRenew()], [true, false])
})

test('one for which there was no room does nothing', () => {
  const zone = new CacheZone(Entries.memoryFor(128))
  const [first] = twoOf(zone)
  first.enter()
  const none = new HeldEntry(zone, digestOf('b'), TERMS)
  assert.equal(none.enter().standing, 'full')
  none.ending()
  none.stored(10)
  none.leave()
  assert.deepEqual([zone.stock.usage.bytes, first.enter().finishing], [0, false])
})
