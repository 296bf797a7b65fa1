import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RoundRobin } from '../../../src/upstream/balance/round-robin.ts'
import { peer, picks, times } from './peers.ts'

test('equals take turns', () => {
  assert.equal(picks(new RoundRobin(), [peer('a'), peer('b'), peer('c')], times(6)), 'a b c a b c')
})

test('weights are spread, and not given in one piece', () => {
  const peers = [peer('a', { weight: 5 }), peer('b'), peer('c')]
  assert.equal(picks(new RoundRobin(), peers, times(7)), 'a a b a c a a')
})

test('one that cannot be had is passed over, and gains nothing meanwhile', () => {
  const [a, b] = [peer('a'), peer('b')]
  const picker = new RoundRobin()
  a.there = false
  assert.equal(picks(picker, [a, b], times(3)), 'b b b')
  a.there = true
  assert.equal(picks(picker, [a, b], times(4)), 'a b a b')
  a.there = b.there = false
  assert.equal(picks(picker, [a, b], times(1)), '-')
})

test('one that failed gets its weight back step by step', () => {
  const [a, b] = [peer('a', { weight: 4, maxFails: 2 }), peer('b', { weight: 4 })]
  a.standing.failed(0)
  assert.equal(picks(new RoundRobin(), [a, b], times(8)), 'b a b a b a b a')
  assert.equal(a.standing.effectiveWeight, 4)
})
