import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Concurrency } from '../../src/admit/concurrency.ts'

test('one that overtakes others was at work together with all that came before it', () => {
  const work = new Concurrency()
  for (const lane of [0, 1, 2]) work.granted(lane, 'r', lane)
  assert.equal(work.ended(2, true, 1, 10), 3)
  assert.equal(work.ended(0, true, 1, 11), 1)
})

test('with times that agree, the least time tells who was at work that long before the end', () => {
  const work = new Concurrency()
  for (let at = 0; at < 300; at += 100) {
    work.granted(0, 'r', at)
    work.ended(0, true, 1, at + 50)
  }
  // Two workers, and three requests at once: the third begins when the first ends.
  for (const lane of [0, 1, 2]) work.granted(lane, 'r', 1_000 + lane)
  assert.equal(work.ended(0, true, 1, 1_050), 1)
  assert.equal(work.ended(1, true, 1, 1_051), 2)
  assert.equal(work.ended(2, true, 1, 1_101), 1, 'both others had ended when it began')
})

test('what was not answered proves nothing, and a lane may be used again', () => {
  const work = new Concurrency()
  work.granted(0, 'r', 0)
  work.granted(1, 'r', 0)
  assert.equal(work.ended(1, false, 1, 5), 0)
  assert.equal(work.ended(1, true, 1, 5), 0, 'it had ended')
  work.granted(1, 'r', 6)
  assert.equal(work.ended(1, true, 1, 9), 2)
  assert.equal(work.inFlight, 1)
})
