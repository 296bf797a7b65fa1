import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeastBusy } from '../../../src/upstream/balance/least-busy.ts'
import { peer, picks, times } from './peers.ts'

test('the least busy for its weight is taken, and equals take turns', () => {
  const [a, b, c] = [peer('a'), peer('b'), peer('c', { weight: 2 })]
  const picker = new LeastBusy()
  a.busy = 1
  b.busy = 1
  c.busy = 1
  assert.equal(picks(picker, [a, b, c], times(2)), 'c c')
  c.busy = 2
  assert.equal(picks(picker, [a, b, c], times(4)), 'c a b c')
  b.busy = 0
  assert.equal(picks(picker, [a, b, c], times(1)), 'b')
  b.there = false
  a.busy = 5
  assert.equal(picks(picker, [a, b, c], times(1)), 'c')
})
