import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Margin } from '../../src/admit/margin.ts'

test('work begun too late widens the margin, up to a quarter', () => {
  const margin = new Margin()
  assert.equal(margin.share, 1 / 32)
  margin.wasLate(40, 50)
  assert.ok(margin.share > 1 / 32)
  for (let i = 0; i < 100; i++) margin.wasLate(40, 50)
  assert.equal(margin.share, 1 / 4)
})

test('work that took longer than usual says nothing of the margin', () => {
  const margin = new Margin()
  margin.wasLate(51, 50)
  assert.equal(margin.share, 1 / 32)
})

test('answers in time narrow it again, down to a thirty-second; one late in forty keeps it wider', () => {
  const margin = new Margin()
  for (let i = 0; i < 100; i++) margin.wasLate(0, 50)
  for (let i = 0; i < 1000; i++) margin.wasInTime()
  assert.equal(margin.share, 1 / 32)
  for (let i = 0; i < 10; i++) margin.wasLate(0, 50)
  for (let turn = 0; turn < 20; turn++) {
    margin.wasLate(0, 50)
    for (let i = 0; i < 40; i++) margin.wasInTime()
  }
  assert.ok(margin.share > 1 / 32, `it is ${margin.share}`)
})
