import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RandomPick } from '../../../src/upstream/balance/random.ts'
import { peer, picks, times } from './peers.ts'

/** Lots in this order, again and again. */
function lots(...values: number[]): () => number {
  let at = 0
  return () => values[at++ % values.length]!
}

test('the lot goes by weights', () => {
  const peers = [peer('a', { weight: 3 }), peer('b')]
  assert.equal(picks(new RandomPick(false, lots(0, 0.7, 0.75, 0.99)), peers, times(4)), 'a a b b')
})

test('of two lots the less busy for its weight is taken', () => {
  const [a, b, c] = [peer('a'), peer('b', { weight: 2 }), peer('c')]
  a.busy = 1
  b.busy = 1
  assert.equal(picks(new RandomPick(true, lots(0, 0.3)), [a, b, c], times(1)), 'b')
  b.busy = 3
  assert.equal(picks(new RandomPick(true, lots(0, 0.3)), [a, b, c], times(1)), 'a')
})

test('whoever cannot be had is drawn in vain, and found all the same', () => {
  const [a, b] = [peer('a'), peer('b')]
  a.there = false
  for (const two of [false, true]) {
    assert.equal(picks(new RandomPick(two, lots(0)), [a, b], times(2)), 'b b')
    assert.equal(picks(new RandomPick(two), [a, b], times(2)), 'b b')
  }
})
