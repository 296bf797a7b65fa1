import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BacklogReadings } from '../../src/admit/backlog-readings.ts'

test('the middle of five readings counts, and somebody waits when most of them show it', () => {
  const readings = new BacklogReadings()
  const queued = [0, 1, 2, 1, 0]
  const verdicts = queued.map((waiting, i) => readings.add(5, waiting, i * 5, false))
  assert.deepEqual(verdicts, [null, null, null, null, { accepted: 4, waits: true }])
  assert.equal(readings.begun, false, 'the next look begins anew')
})

test('one that is seen in the backlog for a moment does not wait there, unless caution is asked for', () => {
  for (const cautious of [false, true]) {
    const readings = new BacklogReadings()
    const last = [0, 1, 0, 1, 0].map((waiting, i) => readings.add(4, waiting, i * 5, cautious)).pop()
    assert.equal(last?.waits, cautious)
  }
})

test('what few readings show as the edge is no worker more', () => {
  const readings = new BacklogReadings()
  // Three workers, one more is tried; in three of the readings one of them has hung up unheard and the fourth is taken.
  const last = [0, 1, 0, 1, 0].map((waiting, i) => readings.add(4, waiting, i * 5, true)).pop()
  assert.deepEqual(last, { accepted: 3, waits: true })
})

test('readings that come too soon after one another are not wanted', () => {
  const readings = new BacklogReadings()
  readings.add(1, 0, 100, false)
  assert.deepEqual([readings.isDue(102), readings.isDue(105)], [false, true])
})
