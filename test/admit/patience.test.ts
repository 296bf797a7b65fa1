import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patience } from '../../src/admit/patience.ts'

const nobody = (): number[] => []

test('where nobody leaves, nobody is expected to', () => {
  const patience = new Patience()
  for (let i = 0; i < 100; i++) patience.observe(5_000, false, i)
  assert.equal(patience.leaves(10_000, 1_000, 100, nobody), 0)
  assert.equal(patience.low(), null)
})

test('clients that all leave after a second are known after a few', () => {
  const patience = new Patience()
  for (let i = 0; i < 5; i++) patience.observe(1_000, true, 100 + i)
  assert.ok(patience.leaves(960, 60, 200, nobody) > 0.5)
  assert.equal(patience.leaves(500, 60, 200, nobody), 0, 'long before that they stay')
  assert.equal(patience.leaves(1_200, 60, 200, nobody), 0, 'whoever is still there later is another kind')
  const low = patience.low()!
  assert.ok(low > 900 && low <= 1_000, `the first leave after ${low} ms`)
})

test('one impatient client among many that stay moves nothing', () => {
  const patience = new Patience()
  patience.observe(200, true, 0)
  for (let i = 0; i < 50; i++) patience.observe(400, false, i)
  assert.ok(patience.leaves(190, 60, 100, nobody) < 0.1)
  assert.equal(patience.low(), null)
})

test('those who wait longer now speak against an early end', () => {
  const patience = new Patience()
  for (let i = 0; i < 10; i++) patience.observe(1_000, true, 0)
  assert.ok(patience.leaves(980, 60, 100, nobody) > 0.5)
  assert.ok(patience.leaves(980, 60, 200, () => Array(50).fill(4_000)) < 0.5)
})

test('what was learnt is forgotten', () => {
  const patience = new Patience()
  for (let i = 0; i < 10; i++) patience.observe(1_000, true, 0)
  assert.ok(patience.leaves(980, 60, 100, nobody) > 0.5)
  assert.ok(patience.leaves(980, 60, 40_000, nobody) < 0.5)
  assert.ok(patience.leaves(980, 60, 200_000, nobody) === 0)
  assert.equal(patience.low(), null)
})

test('survives waits and times of any size', () => {
  const patience = new Patience()
  let at = 0
  for (const wait of [-5, 0, 0.001, 1, 1e12]) patience.observe(wait, true, (at += 1e9))
  for (const wait of [-5, 0, 1, 1e12]) {
    const chance = patience.leaves(wait, wait, at, nobody)
    assert.ok(chance >= 0 && chance <= 1, `${wait}: ${chance}`)
  }
})
