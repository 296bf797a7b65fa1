import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff } from '../../src/supervise/backoff.ts'

test('pauses double up to ten seconds, and begin anew after a run that lasted', () => {
  const pauses = backoff()
  const dying = Array.from({ length: 8 }, () => pauses.pauseAfter(100))
  assert.deepEqual(dying, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  assert.equal(pauses.pauseAfter(60_000), 250)
  assert.equal(pauses.pauseAfter(100), 500)
})
