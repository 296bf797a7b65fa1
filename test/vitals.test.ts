import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Vitals } from '../src/vitals.ts'

test('what one thread writes another reads', () => {
  const here = new Vitals()
  const there = new Vitals(here.memory)
  assert.deepEqual([there.answeredAt, there.verdict], [null, 'starting'])
  here.answered(Date.UTC(2037, 0, 1, 0, 0, 0, 750))
  here.verdict = 'silent'
  assert.deepEqual([there.answeredAt, there.verdict], [Date.UTC(2037, 0, 1), 'silent'])
})
