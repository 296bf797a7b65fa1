import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES, Failure, type FailureCode } from '../../src/errors.ts'
import { BUCKETS, Histogram, OUTCOMES, Tally } from '../../src/observe/tally.ts'
import type { Phase } from '../../src/phases.ts'
import { finished, running } from './exchanges.ts'

test('the closed set of outcomes holds every one that an exchange can have', () => {
  const phases: Phase[] = [
    'receiving',
    'queued',
    'held',
    'connecting',
    'waiting',
    'responding',
    'delivering',
    'done',
  ]
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    for (const phase of phases) {
      const x = running('receiving')
      x.enter(phase)
      x.fail(new Failure(code))
      assert.ok(OUTCOMES.includes(x.outcome), x.outcome)
    }
  }
})

test('a histogram counts each value once, at its upper edge at the latest', () => {
  const histogram = new Histogram()
  const first = BUCKETS[0]! * 1000
  for (const ms of [first, first + 0.01, 1e9]) histogram.observe(ms)
  assert.deepEqual([histogram.cells[0], histogram.cells[1], histogram.cells[BUCKETS.length]], [1, 1, 1])
  assert.equal(histogram.count, 3)
  assert.equal(histogram.sumMs, first + first + 0.01 + 1e9)
})

test('phases that a request never came to are not counted as zero', () => {
  const tally = new Tally()
  tally.finished(
    finished({ attempts: 0, status: 400, timers: { receive: 3, wait: 0, respond: 0 } }),
    'client:receiving',
  )
  assert.equal(tally.durations.receive.count, 1)
  assert.equal(tally.durations.wait.count, 0)
  assert.equal(tally.durations.total.count, 1)
  assert.equal(tally.queueWait.count, 0)
})

test('the wait for a worker includes held time, and is zero for who found one at once', () => {
  const tally = new Tally()
  tally.finished(finished({ timers: { queue: 20, hold: 30 } }), 'ok')
  tally.finished(finished(), 'ok')
  assert.deepEqual([tally.queueWait.count, tally.queueWait.sumMs], [2, 50])
})

test('what caches had is counted for those who asked one', () => {
  const tally = new Tally()
  for (const cache of ['HIT', 'HIT', 'MISS', '']) tally.finished(finished({ cache }), 'ok')
  assert.deepEqual([...tally.cached.values()], [2, 1, 0, 0, 0, 0, 0])
})

test('upstreams that come and go do not make the tally grow', () => {
  const tally = new Tally()
  for (let i = 0; i < 1000; i++) {
    tally.busy(`10.0.0.${i}:80`, 1)
    tally.connected(`10.0.0.${i}:80`, 'ok')
  }
  assert.equal(tally.busyMs.size, 257)
  assert.equal(tally.connects.size, 257)
  assert.equal(tally.connects.get('other')?.ok, 744)
})
