import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Board } from '../../src/planes/board.ts'

test('what the house writes is read on the same memory elsewhere', () => {
  const house = new Board()
  const plane = new Board(house.memory)
  assert.deepEqual([plane.outlook, plane.refusal(false), plane.refusal(true)], ['open', null, null])
  house.outlook = 'refusing'
  house.refuse(false, 'queue_full')
  house.refuse(true, 'upstream_down')
  house.watching = true
  assert.deepEqual(
    [plane.outlook, plane.refusal(false), plane.refusal(true)],
    ['refusing', 'queue_full', 'upstream_down'],
  )
  assert.equal(plane.watching, true)
  house.refuse(false, null)
  assert.equal(plane.refusal(false), null)
})

test('those who ask are counted from either side', () => {
  const house = new Board()
  const plane = new Board(house.memory)
  plane.asks()
  plane.asks()
  house.answered()
  assert.equal(house.asking, 1)
})

test('slots that were taken without asking are counted once', () => {
  const house = new Board()
  const plane = new Board(house.memory)
  plane.takes()
  plane.takes()
  assert.equal(house.taken(), 2)
  assert.equal(house.taken(), 0)
})
