import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestZone } from '../../src/access/request-zone.ts'

function zoneOf(rate: number, size: number): RequestZone {
  return new RequestZone('one', rate, RequestZone.memoryFor(size))
}

/** Counts a request of that key at a moment in milliseconds. @returns its excess in thousandths */
function count(zone: RequestZone, key: string, at: number): number | undefined {
  return zone.look(key, at)?.count(at)
}

test('a bucket fills by one with each request and leaks at the rate', () => {
  const zone = zoneOf(2_000, 65_536)
  assert.equal(count(zone, 'a', 10_000), 0)
  assert.equal(count(zone, 'a', 10_000), 1_000)
  assert.equal(count(zone, 'a', 10_000), 2_000)
  assert.equal(count(zone, 'a', 10_250), 2_500)
  assert.equal(count(zone, 'a', 12_000), 0)
  assert.equal(count(zone, 'b', 12_000), 0)
  assert.equal(zone.msFor(2_500), 1_250)
})

test('less than one a second, and by the millisecond', () => {
  const zone = zoneOf(16, 65_536)
  assert.equal(count(zone, 'a', 0), 0)
  assert.equal(count(zone, 'a', 1_000), 984)
  assert.equal(zone.msFor(984), 61_500)
  assert.equal(count(zone, 'b', 0), 0)
  assert.equal(count(zone, 'b', 62_500), 0)
})

test('a look that is taken back leaves the bucket as it was', () => {
  const zone = zoneOf(1_000, 65_536)
  count(zone, 'a', 0)
  assert.equal(zone.look('a', 0)!.excess, 1_000)
  zone.look('a', 0)!.takeBack()
  assert.equal(zone.look('a', 0)!.excess, 1_000)
  assert.equal(zone.look('new', 5)!.excess, 0)
  assert.equal(zone.look('new', 5)!.excess, 0)
})

test('the zone has a size: the bucket that was counted the longest time ago makes room', () => {
  const zone = zoneOf(1_000, 4 * 128)
  for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) count(zone, key, 10_000 + at)
  assert.equal(count(zone, 'a', 10_004), 996)
  count(zone, 'e', 10_005)
  assert.equal(zone.look('a', 10_005)!.excess, 1_995)
  assert.equal(zone.look('b', 10_005)!.excess, 0)
})

test('a bucket that somebody looks at stays, and then there is no room', () => {
  const zone = zoneOf(1_000, 128)
  const look = zone.look('a', 0)!
  assert.equal(zone.look('b', 0), null)
  look.takeBack()
  assert.notEqual(zone.look('b', 0), null)
})

test('whoever is given the memory counts in the same buckets', () => {
  const memory = RequestZone.memoryFor(65_536)
  const [one, other] = [new RequestZone('one', 1_000, memory), new RequestZone('one', 1_000, memory)]
  assert.equal(count(one, 'a', 0), 0)
  assert.equal(count(other, 'a', 0), 1_000)
})
