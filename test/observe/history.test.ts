import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exchange } from '../../src/exchange.ts'
import { countsOf, History } from '../../src/observe/history.ts'
import { Tally } from '../../src/observe/tally.ts'

const empty = { length: 0, oldestMs: 0 }

function finish(tally: Tally, outcome: string, times: number): void {
  for (let i = 0; i < times; i++) tally.finished(new Exchange('127.0.0.1', 0), outcome)
}

test('each second has what ended in it, by who ended it', () => {
  const history = new History()
  const tally = new Tally()
  finish(tally, 'ok', 9)
  history.add(1_000, [countsOf(tally)], empty)
  finish(tally, 'ok', 2)
  finish(tally, 'client:queued', 1)
  finish(tally, 'client:delivering', 1)
  finish(tally, 'timeout:queued', 3)
  history.add(2_010, [countsOf(tally)], { length: 4, oldestMs: 120.4 })
  history.add(3_005, [countsOf(tally)], empty)
  assert.deepEqual(history.samples, [
    { at: 2, ok: 2, client: 2, upstream: 0, timeout: 3, proxy: 0, queue: 4, oldest: 120 },
    { at: 3, ok: 0, client: 0, upstream: 0, timeout: 0, proxy: 0, queue: 0, oldest: 0 },
  ])
})

test('ten minutes are kept', () => {
  const history = new History()
  for (let second = 0; second <= 1_000; second++) history.add(second * 1_000, [countsOf(new Tally())], empty)
  assert.equal(history.samples.length, 600)
  assert.equal(history.samples[0]?.at, 401)
})

test('what several observers counted is one sum', () => {
  const history = new History()
  const [a, b] = [new Tally(), new Tally()]
  history.add(1_000, [countsOf(a), countsOf(b)], empty)
  finish(a, 'ok', 2)
  finish(b, 'ok', 3)
  history.add(2_000, [countsOf(a), countsOf(b)], empty)
  assert.equal(history.samples[0]?.ok, 5)
})
