import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Crowding, FEW } from '../../src/admit/crowding.ts'

/** A house that is full of eight for two seconds, in which `rate` a second end of each route, after so long. */
function full(crowding: Crowding, rates: Record<string, [perSecond: number, ms: number]>): void {
  for (let at = 0; at <= 2_000; at += 100) {
    crowding.tick(true, 8, at)
    for (const [route, [perSecond, ms]] of Object.entries(rates))
      for (let i = 0; at > 0 && i < perSecond / 10; i++) crowding.took(route, ms, 8)
  }
}

test('at work are as many as end in the time that one takes alone', () => {
  const crowding = new Crowding()
  full(crowding, { r: [40, 200] })
  crowding.begin()
  for (let i = 0; i < 32; i++) crowding.took('r', 100, FEW)
  assert.ok(crowding.isEnough(4))
  const { least, most } = crowding.atWork!
  assert.ok(Math.abs(least - 4) < 0.3 && Math.abs(most - 4) < 0.3, `${least} to ${most}`)
})

test('fewer are enough to say that so many are at work, and not that they are not', () => {
  const crowding = new Crowding()
  full(crowding, { r: [40, 200] })
  crowding.begin()
  for (let i = 0; i < 7; i++) crowding.took('r', 100, FEW)
  assert.equal(crowding.isEnough(3), false)
  crowding.took('r', 100, FEW)
  assert.deepEqual([crowding.isEnough(3), crowding.isEnough(4), crowding.isEnough(6)], [true, false, false])
})

test('where what one takes varies, it is a range', () => {
  const crowding = new Crowding()
  full(crowding, { r: [40, 200] })
  crowding.begin()
  for (let i = 0; i < 32; i++) crowding.took('r', i % 2 === 0 ? 20 : 180, 1)
  const { least, most } = crowding.atWork!
  assert.ok(least < 3.2 && most > 4.8 && most < 8, `${least} to ${most}`)
})

test('most have waited where most took longer than is usual alone, and not where some take long anyway', () => {
  for (const [ms, waited] of [
    [200, true],
    [110, false],
  ] as const) {
    const crowding = new Crowding()
    full(crowding, { r: [40, ms], long: [10, 2_000] })
    crowding.begin()
    for (let i = 0; i < 32; i++) crowding.took('r', 100, 1)
    assert.equal(crowding.waited, waited, `${ms} ms`)
  }
})

test('what has not ended yet counts, since what ends first is short', () => {
  const crowding = new Crowding()
  full(crowding, { r: [40, 500] })
  crowding.begin()
  for (let i = 0; i < 32; i++) crowding.took('r', 100, 1)
  crowding.isOpen('r', 1_600)
  const { least, most } = crowding.atWork!
  assert.ok(most > 6 && least < 6, `${least} to ${most}`)
})

test('a route that was not seen alone may be at work for all of its time', () => {
  const crowding = new Crowding()
  full(crowding, { r: [20, 200], other: [20, 200] })
  crowding.begin()
  for (let i = 0; i < 32; i++) crowding.took('r', 100, 1)
  const { least, most } = crowding.atWork!
  assert.ok(Math.abs(least - 2) < 0.3 && Math.abs(most - 6) < 0.6, `${least} to ${most}`)
})

test('nothing is told of a house that was not full for a while, nor of another number', () => {
  const crowding = new Crowding()
  crowding.tick(true, 8, 0)
  crowding.tick(true, 8, 900)
  assert.equal(crowding.isFull(0), false)
  crowding.tick(true, 8, 1_100)
  assert.deepEqual([crowding.isFull(0), crowding.isFull(3_000)], [true, false])
  crowding.tick(true, 9, 1_200)
  assert.equal(crowding.isFull(0), false)
  assert.equal(crowding.atWork, null)
})
