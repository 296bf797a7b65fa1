import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Routes } from '../../src/observe/routes.ts'
import { finished } from './exchanges.ts'

test('counts, percentiles and means of a route', () => {
  const routes = new Routes()
  for (let i = 1; i <= 100; i++) {
    const timers = { wait: i, respond: 2 }
    routes.add(finished({ target: `/users/${i}?q=${i}`, totalMs: i, timers }))
  }
  const [row, ...others] = routes.slowest(20)
  assert.deepEqual(others, [])
  assert.equal(row!.route, 'GET /users/:n')
  assert.equal(row!.count, 100)
  assert.equal(row!.max_ms, 100)
  assert.ok(row!.p50_ms >= 50 && row!.p50_ms <= 60, `p50 ${row!.p50_ms}`)
  assert.ok(row!.p95_ms >= 95 && row!.p95_ms <= 100, `p95 ${row!.p95_ms}`)
  assert.equal(row!.mean.wait, 50.5)
  assert.equal(row!.mean.respond, 2)
  const { wait, queue } = row!.phases
  assert.ok(wait.p95_ms >= 95 && wait.p95_ms <= 114, `p95 of wait ${wait.p95_ms}`)
  assert.deepEqual(queue, { p50_ms: 0, p95_ms: 0, p99_ms: 0 })
})

test('the slowest come first, by method and path', () => {
  const routes = new Routes()
  routes.add(finished({ target: '/a', totalMs: 10 }))
  routes.add(finished({ method: 'POST', target: '/a', totalMs: 900 }))
  routes.add(finished({ target: '/b', totalMs: 100 }))
  assert.deepEqual(
    routes.slowest(2).map(row => row.route),
    ['POST /a', 'GET /b'],
  )
})

test('a scan of many paths is bounded and does not push out what takes time', () => {
  const routes = new Routes()
  routes.add(finished({ target: '/report', totalMs: 5000 }))
  for (let i = 0; i < 5000; i++) routes.add(finished({ target: `/x${i}x`, totalMs: 1 }))
  routes.add(finished({ target: '/report', totalMs: 5000 }))
  const rows = routes.slowest(1000)
  assert.equal(rows.length, 200)
  assert.deepEqual([rows[0]!.route, rows[0]!.count], ['GET /report', 2])
})

test('times beyond every cell are counted all the same', () => {
  const routes = new Routes()
  for (const totalMs of [0, 0.001, 1e9]) routes.add(finished({ target: '/a', totalMs }))
  const [row] = routes.slowest(1)
  assert.deepEqual([row!.count, row!.max_ms], [3, 1e9])
})

test('a phase that few requests come to is in their percentiles only', () => {
  const routes = new Routes()
  for (let i = 0; i < 98; i++) routes.add(finished({ target: '/a', totalMs: 1000, timers: { wait: 1 } }))
  for (let i = 0; i < 2; i++) routes.add(finished({ target: '/a', totalMs: 1000, timers: { queue: 900 } }))
  const { queue } = routes.slowest(1)[0]!.phases
  assert.deepEqual([queue.p50_ms, queue.p95_ms], [0, 0])
  assert.ok(queue.p99_ms >= 900, `p99 ${queue.p99_ms}`)
})
