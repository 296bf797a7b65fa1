import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestZone } from '../../src/access/request-zone.ts'

/** Counts a request of that key at a moment in milliseconds. @returns its excess in thousandths */
function count(zone: RequestZone, key: string, at: number): number | undefined {
  return zone.look(key, at)?.count(at)
}

test('a bucket fills by one with each request and leaks at the rate', () => {
  const zone = new RequestZone('one', 2_000, 65_536)
  assert.equal(count(zone, 'a', 10_000), 0)
  assert.equal(count(zone, 'a', 10_000), 1_000)
  assert.equal(count(zone, 'a', 10_000), 2_000)
  assert.equal(count(zone, 'a', 10_250), 2_500)
  assert.equal(count(zone, 'a', 12_000), 0)
  assert.equal(count(zone, 'b', 12_000), 0)
  assert.equal(zone.msFor(2_500), 1_250)
})

test('less than one a second, and by the millisecond', () => {
  const zone = new RequestZone('slow', 16, 65_536)
  assert.equal(count(zone, 'a', 0), 0)
  assert.equal(count(zone, 'a', 1_000), 984)
  assert.equal(zone.msFor(984), 61_500)
  assert.equal(count(zone, 'b', 0), 0)
  assert.equal(count(zone, 'b', 62_500), 0)
})

test('a look that is taken back leaves the bucket as it was', () => {
  const zone = new RequestZone('one', 1_000, 65_536)
  count(zone, 'a', 0)
  assert.equal(zone.look('a', 0)!.excess, 1_000)
  zone.look('a', 0)!.takeBack()
  assert.equal(zone.look('a', 0)!.excess, 1_000)
  assert.equal(zone.look('new', 5)!.excess, 0)
  assert.equal(zone.look('new', 5)!.excess, 0)
})

test('the zone has a size: the bucket untouched for longest makes room', () => {
  const zone = new RequestZone('one', 1_000, 4 * 128)
  for (const key of ['a', 'b', 'c', 'd']) count(zone, key, 0)
  count(zone, 'a', 0)
  count(zone, 'e', 0)
  assert.equal(zone.keys, 4)
  assert.equal(zone.look('a', 0)!.excess, 2_000)
  assert.equal(zone.look('b', 0)!.excess, 0)
})

test('a bucket that somebody looks at stays, and then there is no room', () => {
  const zone = new RequestZone('one', 1_000, 128)
  const look = zone.look('a', 0)!
  assert.equal(zone.look('b', 0), null)
  look.takeBack()
  assert.notEqual(zone.look('b', 0), null)
})

test('what has been empty for a minute is forgotten, two with each new key', () => {
  const zone = new RequestZone('one', 1_000, 65_536)
  for (const key of ['a', 'b', 'c']) count(zone, key, 0)
  count(zone, 'd', 59_000)
  assert.equal(zone.keys, 4)
  count(zone, 'e', 60_000)
  assert.equal(zone.keys, 3)
})

test('long keys take more room, by powers of two', () => {
  const zone = new RequestZone('one', 1_000, 1_024)
  for (let at = 0; at < 20; at++) count(zone, `${at}`.padEnd(100), 0)
  assert.equal(zone.keys, 4)
})
