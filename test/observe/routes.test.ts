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
