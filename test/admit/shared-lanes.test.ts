import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { NO_LANE, SharedLanes } from '../../src/admit/shared-lanes.ts'

function openLanes(limit: number): SharedLanes {
  const lanes = new SharedLanes()
  lanes.limit = limit
  lanes.unshut()
  return lanes
}

test('new lanes are shut: nothing is taken through the gate, and the house takes all the same', () => {
  const lanes = new SharedLanes()
  lanes.limit = 2
  assert.equal(lanes.tryTake(), null)
  assert.equal(lanes.room, 0)
  assert.equal(lanes.take(), 0)
  assert.equal(lanes.busy, 1)
})

test('the lowest free lane is taken, and no more than the limit', () => {
  const lanes = openLanes(3)
  assert.deepEqual([lanes.tryTake(), lanes.tryTake(), lanes.tryTake(), lanes.tryTake()], [0, 1, 2, null])
  assert.equal(lanes.room, 0)
  lanes.giveBack(1)
  assert.equal(lanes.room, 1)
  assert.equal(lanes.tryTake(), 1)
})

test('a limit that was lowered holds for the next, and those that are out come back', () => {
  const lanes = openLanes(3)
  for (let i = 0; i < 3; i++) lanes.tryTake()
  lanes.limit = 1
  lanes.giveBack(0)
  assert.equal(lanes.tryTake(), null)
  lanes.giveBack(1)
  lanes.giveBack(2)
  assert.equal(lanes.tryTake(), 0)
})

test('who gives back through a shut gate is told so', () => {
  const lanes = openLanes(2)
  const [a, b] = [lanes.tryTake()!, lanes.tryTake()!]
  assert.equal(lanes.giveBack(a), false)
  lanes.shut()
  assert.equal(lanes.giveBack(b), true)
  assert.equal(lanes.busy, 0)
  lanes.unshut()
  assert.equal(lanes.tryTake(), 0)
})

test('another object on the same memory sees the same', () => {
  const lanes = openLanes(2)
  const other = new SharedLanes(lanes.memory)
  assert.equal(other.tryTake(), 0)
  assert.equal(lanes.busy, 1)
  lanes.plain = true
  assert.equal(other.plain, true)
  other.shut()
  assert.equal(lanes.tryTake(), null)
})

test('without a known number there is no limit, and lanes beyond the numbered have none', () => {
  const lanes = openLanes(Number.POSITIVE_INFINITY)
  const numbers = Array.from({ length: 1_100 }, () => lanes.tryTake())
  assert.equal(numbers[1_020], 1_020)
  assert.equal(numbers[1_099], NO_LANE)
  for (const lane of numbers) lanes.giveBack(lane!)
  assert.equal(lanes.busy, 0)
  assert.equal(lanes.tryTake(), 0)
})

test('three threads never hold one lane twice, nor more than the limit', async () => {
  const lanes = openLanes(4)
  const owners = new SharedArrayBuffer(1_024 * 4)
  const takes = 10_000
  const threads = [1, 2, 3].map(
    () =>
      new Worker(new URL('./lane-taker.ts', import.meta.url), {
        workerData: { memory: lanes.memory, owners, takes },
      }),
  )
  const results = await Promise.all(threads.map(async thread => (await once(thread, 'message'))[0]))
  for (const { shared, most } of results) {
    assert.equal(shared, 0, 'a lane had two holders')
    assert.ok(most <= 4, `${most} were taken of 4`)
  }
  assert.equal(lanes.busy, 0)
})
