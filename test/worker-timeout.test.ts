import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyAtMost, isNearTimeout, isWhenKilled } from '../src/worker-timeout.ts'

for (const [ageMs, timeoutMs, near, late] of [
  [30_000, 30_000, true, true],
  [31_900, 30_000, true, true],
  [28_000, 30_000, true, false],
  [27_999, 30_000, false, false],
  [32_001, 30_000, false, false],
  [29_950, 30_000, true, true],
  [29_800, 30_000, true, false],
  [400, 1_000, false, false],
  [500, 1_000, true, false],
  // A worker inside C code, which SIGABRT does not end.
  [2_500, 1_000, true, true],
  [3_600, 2_000, true, true],
  [3_001, 1_000, false, false],
] as const) {
  test(`a death at ${ageMs} ms is ${near ? '' : 'not '}near a timeout of ${timeoutMs} ms`, () => {
    assert.equal(isNearTimeout(ageMs, timeoutMs), near)
  })
  test(`at ${ageMs} ms gunicorn would ${late ? '' : 'not '}kill for a timeout of ${timeoutMs} ms`, () => {
    assert.equal(isWhenKilled(ageMs, timeoutMs), late)
  })
}

test('a worker is busy until gunicorn has killed it for certain, or for ten minutes', () => {
  assert.deepEqual([busyAtMost(30_000), busyAtMost(null)], [32_000, 600_000])
})
