import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Budget, size } from '../../src/spool/budget.ts'

test('everyone together, requests, and one client each have their limit', () => {
  const budget = new Budget('disk', 1000)
  budget.take(400, true)
  budget.take(300, false)
  assert.equal(budget.fits(300, false, 0, true), true)
  assert.equal(budget.fits(301, false, 0, true), false)
  assert.equal(budget.fits(100, true, 0, true), true)
  assert.equal(budget.fits(101, true, 0, true), false)
  assert.equal(budget.fits(50, false, 200, false), true)
  assert.equal(budget.fits(51, false, 200, false), false)
  assert.equal(budget.fits(51, false, 200, true), true, 'an exempt client has no quarter')
})

test('what is given back is there again', () => {
  const budget = new Budget('memory', 100)
  budget.take(50, true)
  budget.take(-50, true)
  assert.deepEqual([budget.used, budget.requests], [0, 0])
})

test('the refusal names the limit that stands in the way', () => {
  const budget = new Budget('memory', 4 * 2 ** 20)
  budget.take(2 * 2 ** 20, true)
  assert.match(budget.why(1, true, 0, true), /requests hold 2m of their 2m of memory/)
  assert.match(budget.why(1, false, 2 ** 20, false), /the 1m of memory one client may hold/)
  budget.take(2 * 2 ** 20, false)
  assert.match(budget.why(1, false, 0, true), /hold 4m of 4m of memory/)
})

test('sizes read as the options write them', () => {
  assert.deepEqual([0, 512, 2048, 1.5 * 2 ** 20, 2 * 2 ** 30].map(size), ['0', '512', '2k', '1.5m', '2g'])
})
