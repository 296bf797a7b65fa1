import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DrainRate } from '../../src/admit/drain-rate.ts'

test('nothing is known before something was drained', () => {
  assert.equal(new DrainRate().retryAfter(10, 1_000), null)
})

test('a steady rate is known within seconds, and fades when nothing moves', () => {
  const drain = new DrainRate()
  for (let at = 1_000; at < 11_000; at += 12.5) drain.drained(at)
  assert.ok(Math.abs(drain.rate(11_000) - 80) < 4, `${drain.rate(11_000)} a second`)
  assert.ok(drain.rate(31_000) < 5)
})

test('the wait goes with the queue, between one second and sixty, and is not the same for all', () => {
  const drain = new DrainRate()
  for (let at = 1_000; at < 11_000; at += 100) drain.drained(at)
  const told = (ahead: number) => Array.from({ length: 50 }, () => drain.retryAfter(ahead, 11_000)!)
  assert.ok(Math.min(...told(0)) >= 1)
  const many = told(200)
  assert.ok(Math.min(...many) >= 20 && Math.max(...many) <= 33, `${many}`)
  assert.ok(new Set(many).size > 5, 'spread')
  assert.ok(Math.max(...told(100_000)) <= 60)
})
