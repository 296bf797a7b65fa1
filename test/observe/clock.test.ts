import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clf, inWords, iso, timeOfDay } from '../../src/observe/clock.ts'

test('iso() is toISOString(), whichever second was asked for before', () => {
  for (const at of [
    0, 999, 1000, 1_763_706_660_007, 1_763_706_660_999, 1_763_706_661_000, 1_763_706_660_010,
  ]) {
    assert.equal(iso(at), new Date(at).toISOString())
  }
})

test('the combined format’s time', () => {
  assert.equal(clf(Date.UTC(2025, 10, 1, 6, 3, 9)), '01/Nov/2025:06:03:09 +0000')
})

test('the time of day at a terminal is local', () => {
  const at = new Date(2025, 0, 2, 3, 4, 5, 6).getTime()
  assert.equal(timeOfDay(at), '03:04:05.006')
})

test('times in words', () => {
  assert.deepEqual([250, 2500, 30_000, 120_000, 720_000].map(inWords), [
    '250ms',
    '2.5s',
    '30s',
    '120s',
    '12m',
  ])
})
