import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNearTimeout } from '../src/worker-timeout.ts'

for (const [ageMs, timeoutMs, near] of [
  [30_000, 30_000, true],
  [31_900, 30_000, true],
  [28_000, 30_000, true],
  [27_999, 30_000, false],
  [32_001, 30_000, false],
  [400, 1_000, false],
  [500, 1_000, true],
] as const) {
  test(`a death at ${ageMs} ms is ${near ? '' : 'not '}near a timeout of ${timeoutMs} ms`, () => {
    assert.equal(isNearTimeout(ageMs, timeoutMs), near)
  })
}
