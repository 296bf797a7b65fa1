import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumOf } from '../../src/observe/snapshot.ts'
import { Tally } from '../../src/observe/tally.ts'
import { finished } from './exchanges.ts'

function tallied(status: number): Tally {
  const tally = new Tally()
  tally.finished(finished({ status, timers: { wait: 3 } }), 'ok')
  tally.connected('a:1', 'ok')
  tally.busy('a:1', 7)
  tally.shed.set('queue_full', 2)
  tally.lost.set('killed', 1)
  return tally
}

test('the sum of several tallies is what one would have counted', () => {
  const [a, b] = [tallied(200), tallied(503)]
  // As it comes from another thread.
  const sum = sumOf([a, structuredClone(b)])
  assert.equal(
    sum.requests.reduce((all, count) => all + count, 0),
    2,
  )
  assert.equal(sum.durations.wait.count, 2)
  assert.equal(sum.durations.wait.sumMs, 6)
  assert.equal(sum.connects.get('a:1')!.ok, 2)
  assert.equal(sum.busyMs.get('a:1'), 14)
  assert.equal(sum.shed.get('queue_full'), 4)
  assert.equal(sum.lost.get('killed'), 2)
  assert.equal(a.connects.get('a:1')!.ok, 1, 'what is added is left as it was')
})

test('one alone is its own sum', () => {
  const tally = tallied(200)
  assert.equal(sumOf([tally]), tally)
})
