import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../src/clock.ts'
import { AnswerPace } from '../../src/upstream/answer-pace.ts'

test('after each piece the worker waits as long as the rate takes for it', () => {
  const clock = new Clock()
  let times = 0
  const pace = new AnswerPace(1000, clock, () => times++)
  assert.equal(pace.took(500, 10_000), false)
  clock.tick(10_400)
  assert.deepEqual([pace.waiting, times], [true, 0])
  clock.tick(10_600)
  assert.deepEqual([pace.waiting, times], [false, 1])
  // What the worker was late with may come at once.
  assert.equal(pace.took(1000, 12_000), true)
  assert.equal(pace.took(1000, 12_000), false)
  clock.tick(12_600)
  assert.equal(times, 2)
})
