import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '../../src/exchange.ts'
import { INFLIGHT_FIELDS } from '../../src/observe/fields.ts'
import { InFlight } from '../../src/observe/inflight.ts'
import { running } from './exchanges.ts'

const start = 1_000_000

/** The warnings given at each of these ages, in milliseconds. */
function warnings(x: Exchange, workerTimeout: number | null, ages: number[]): string[] {
  const table = new InFlight(workerTimeout, each => each.path)
  table.add(x)
  const given: string[] = []
  for (const age of ages) table.tick(start + age, (_row, passed) => given.push(`${age}: ${passed}`))
  return given
}

test('warnings at 30, 60 and 100 s, once each', () => {
  const ages = [29_900, 30_000, 30_250, 59_999, 60_100, 90_000, 100_000, 100_250, 500_000]
  assert.deepEqual(warnings(running('queued'), null, ages), ['30000: 30s', '60100: 60s', '100000: 100s'])
})

test('warnings at half of and 90 % of the worker timeout, counted from when the worker was given the request', () => {
  const x = running('waiting')
  x.workerSince = start + 5000
  assert.deepEqual(warnings(x, 10_000, [9900, 10_000, 13_900, 14_000, 14_250]), [
    '10000: half of the worker timeout of 10s',
    '14000: 90 % of the worker timeout of 10s',
  ])
})

test('thresholds that are passed together make one warning', () => {
  const x = running('waiting')
  x.workerSince = start
  assert.deepEqual(warnings(x, 60_000, [120_000, 120_250]), ['120000: 90 % of the worker timeout of 60s'])
})

test('a warning says where the time went so far, the phase that is under way included', () => {
  const table = new InFlight(null, each => each.path)
  const x = running('queued', 10)
  x.enter('waiting', start + 2_010)
  table.add(x)
  const rows: object[] = []
  table.tick(start + 30_010.04, row => rows.push(row!.timers))
  const timers = { receive: 10, queue: 2000, hold: 0, connect: 0, wait: 28_000, respond: 0, deliver: 0 }
  assert.deepEqual(rows, [{ ...timers, total: 30_010 }])
})

test('no warning for the client’s own pace: while it uploads, or has only to read', () => {
  assert.deepEqual(warnings(running('receiving'), null, [200_000]), [])
  assert.deepEqual(warnings(running('delivering'), null, [200_000]), [])
  assert.deepEqual(warnings(running('waiting', 40_000), null, [69_000, 70_000]), ['70000: 30s'])
})

test('a request that has left the table is warned of no more', () => {
  const table = new InFlight(null, x => x.path)
  const x = running('waiting')
  table.add(x)
  table.delete(x)
  table.tick(start + 40_000, () => assert.fail('warned'))
  assert.equal(table.size, 0)
})

test('a jam of many requests does not become a flood of lines', () => {
  const table = new InFlight(null, x => x.path)
  for (let i = 0; i < 100; i++) table.add(running('queued'))
  let lines = 0
  let others = 0
  table.tick(start + 30_000, (_row, _passed, more) => {
    if (more === 0) lines++
    others += more
  })
  assert.deepEqual([lines, others], [20, 80])
})

test('rows have the listed fields, the oldest first, and no more than asked for', () => {
  const table = new InFlight(null, x => x.path)
  const x = running('waiting')
  x.workerSince = start + 10
  table.add(running('queued', 5))
  table.add(x)
  const [row] = table.rows(1, start + 110.04)
  assert.equal(table.rows(10).length, 2)
  assert.deepEqual(Object.keys(row!), [...INFLIGHT_FIELDS])
  assert.deepEqual(
    [row!.phase, row!.age_ms, row!.worker_ms, row!.slot, row!.url],
    ['queued', 110, 0, null, '/reports/7'],
  )
  assert.equal(table.row(x, start + 110.04).worker_ms, 100)
})
