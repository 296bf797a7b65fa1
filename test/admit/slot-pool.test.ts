import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlotPool } from '../../src/admit/slot-pool.ts'
import { Stub } from './rig.ts'

function poolOf(limit: number): { pool: SlotPool<Stub>; freed: () => number } {
  let freed = 0
  return { pool: new SlotPool(new Stub('app'), limit, () => freed++), freed: () => freed }
}

test('lanes are the lowest that are free, and show who holds them', () => {
  const { pool } = poolOf(3)
  const slots = ['a', 'b', 'c'].map(id => pool.take(id, 0))
  assert.deepEqual(
    slots.map(({ lane }) => lane),
    [0, 1, 2],
  )
  slots[1]!.release()
  assert.deepEqual(pool.lanes, ['a', null, 'c'])
  assert.equal(pool.take('d', 0).lane, 1)
  assert.deepEqual(pool.lanes, ['a', 'd', 'c'])
})

test('a slot comes back once, however often it is released, also when its lane has a new holder', () => {
  const { pool, freed } = poolOf(1)
  const first = pool.take('a', 0)
  first.release()
  const second = pool.take('b', 0)
  assert.equal(second.lane, first.lane)
  first.release()
  assert.deepEqual([pool.busy, pool.lanes, freed()], [1, ['b'], 1])
  second.release()
  second.release()
  assert.deepEqual([pool.busy, pool.lanes, freed()], [0, [], 2])
})

test('there is room while slots are free, the upstream admits, and the pool is not retired', () => {
  const { pool } = poolOf(1)
  assert.equal(pool.hasRoom(0), true)
  const slot = pool.take('a', 0)
  assert.equal(pool.hasRoom(0), false)
  slot.release()
  pool.backend.open = false
  assert.equal(pool.hasRoom(0), false)
  pool.backend.open = true
  pool.retired = true
  assert.equal(pool.hasRoom(0), false)
})

test('without a number there is always room, and the lanes are only as many as are in use', () => {
  const { pool } = poolOf(Number.POSITIVE_INFINITY)
  const slots = Array.from({ length: 100 }, (_, i) => pool.take(String(i), 0))
  assert.equal(pool.hasRoom(0), true)
  assert.equal(pool.lanes.length, 100)
  for (const slot of slots.splice(0, 99)) slot.release()
  assert.equal(pool.lanes.length, 100)
  slots[0]!.release()
  assert.equal(pool.lanes.length, 0)
})

test('the upstream hears of each slot that is granted and that comes back, before the next one is granted', () => {
  const returns: number[] = []
  const backend = new Stub('app')
  const pool = new SlotPool(backend, 2, () => returns.push(backend.returns))
  const slot = pool.take('a', 12.5)
  assert.equal(slot.takenAt, 12.5)
  pool.take('b', 13)
  assert.equal(backend.grants, 2)
  slot.release()
  slot.release()
  assert.deepEqual(returns, [1])
})

test('beyond the limit only what can be sent again is let through, and up to the ceiling', () => {
  const { pool } = poolOf(1)
  pool.ceiling = 2
  pool.take('a', 0)
  assert.equal(pool.hasRoom(0), false)
  assert.equal(pool.hasRoom(0, true), true)
  pool.take('b', 0)
  assert.equal(pool.hasRoom(0, true), false)
  pool.limit = pool.ceiling = 3
  assert.equal(pool.hasRoom(0), true, 'the limit may change at any time')
})

test('whoever watches the pool hears of each slot taken and given back, and whether it was answered', () => {
  const { pool } = poolOf(2)
  const heard: unknown[] = []
  pool.watcher = {
    granted: (lane, route, at) => heard.push(['granted', lane, route, at]),
    ended: (lane, answered) => heard.push(['ended', lane, answered]),
  }
  const a = pool.take('a', 5, 'GET /a')
  const b = pool.take('b', 6)
  b.answered = true
  b.release()
  b.release()
  a.release()
  assert.deepEqual(heard, [
    ['granted', 0, 'GET /a', 5],
    ['granted', 1, '', 6],
    ['ended', 1, true],
    ['ended', 0, false],
  ])
})
