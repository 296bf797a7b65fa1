import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Standing, USUAL_TERMS } from '../../../src/upstream/balance/standing.ts'

test('after max_fails failures it is out for fail_timeout, and then one request finds out', () => {
  const standing = new Standing({ ...USUAL_TERMS, maxFails: 2, failTimeout: 1_000 })
  standing.failed(0)
  assert.equal(standing.isOut(1), false)
  standing.failed(10)
  assert.equal(standing.isOut(1_010), true)
  assert.equal(standing.isOut(1_011), false)
  standing.chosen(1_011)
  assert.equal(standing.isOut(1_012), true)
  standing.worked()
  assert.equal(standing.isOut(1_012), false)
  assert.equal(standing.isClean, true)
})

test('what went well between two failures does not make up for them, until the next look', () => {
  const standing = new Standing({ ...USUAL_TERMS, maxFails: 2, failTimeout: 1_000 })
  standing.failed(0)
  standing.chosen(1)
  standing.worked()
  standing.failed(2)
  assert.equal(standing.isOut(3), true)
})

test('max_fails=0 is never out', () => {
  const standing = new Standing({ ...USUAL_TERMS, maxFails: 0 })
  for (let i = 0; i < 5; i++) standing.failed(i)
  assert.equal(standing.isOut(5), false)
  assert.equal(standing.effectiveWeight, 1)
})

test('each failure costs its share of the weight, and all of it is never less than nothing', () => {
  const standing = new Standing({ ...USUAL_TERMS, weight: 5, maxFails: 2 })
  standing.failed(0)
  assert.equal(standing.effectiveWeight, 3)
  standing.failed(1)
  standing.failed(2)
  assert.equal(standing.effectiveWeight, 0)
})

test('one that was away and is back begins anew', () => {
  const standing = new Standing()
  standing.failed(0)
  assert.equal(standing.isOut(1), true)
  standing.returned()
  assert.equal(standing.isOut(1), false)
})
