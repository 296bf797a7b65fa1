import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold, Routes } from '../../src/observe/routes.ts'
import { finished } from './exchanges.ts'

test('paths are folded into routes', () => {
  const cases: Record<string, string> = {
    '/': '/',
    '/users/17': '/users/:n',
    '/users/17/posts/3/': '/users/:n/posts/:n/',
    '/f/123e4567-e89b-12d3-a456-426614174000.x': '/f/123e4567-e89b-12d3-a456-426614174000.x',
    '/f/123E4567-e89b-12d3-a456-426614174000': '/f/:uuid',
    '/c/deadbeef01': '/c/:hex',
    '/feedbeef': '/feedbeef',
    '/v2/items': '/v2/items',
    '/t/eyJhbGciOiJIUzI1NiJ9_abc': '/t/:token',
    '/a/b/c/d/e/f/g/h/i/j': '/a/b/c/d/e/f/g/h/…',
    '*': '*',
  }
  for (const [path, route] of Object.entries(cases)) assert.equal(fold(path), route, path)
  assert.ok(fold(`/${'x'.repeat(10_000)}`).length < 100)
})

test('counts, percentiles and means of a route', () => {
  const routes = new Routes()
  for (let i = 1; i <= 100; i++) {
    const timers = { wait: i, respond: 2 }
    routes.add(finished({ target: `/users/${i}?q=${i}`, totalMs: i, timers }), 'GET')
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
  routes.add(finished({ target: '/a', totalMs: 10 }), 'GET')
  routes.add(finished({ target: '/a', totalMs: 900 }), 'POST')
  routes.add(finished({ target: '/b', totalMs: 100 }), 'GET')
  assert.deepEqual(
    routes.slowest(2).map(row => row.route),
    ['POST /a', 'GET /b'],
  )
})

test('a scan of many paths is bounded and does not push out what takes time', () => {
  const routes = new Routes()
  routes.add(finished({ target: '/report', totalMs: 5000 }), 'GET')
  for (let i = 0; i < 5000; i++) routes.add(finished({ target: `/x${i}x`, totalMs: 1 }), 'GET')
  routes.add(finished({ target: '/report', totalMs: 5000 }), 'GET')
  const rows = routes.slowest(1000)
  assert.equal(rows.length, 200)
  assert.deepEqual([rows[0]!.route, rows[0]!.count], ['GET /report', 2])
})

test('times beyond every cell are counted all the same', () => {
  const routes = new Routes()
  for (const totalMs of [0, 0.001, 1e9]) routes.add(finished({ target: '/a', totalMs }), 'GET')
  const [row] = routes.slowest(1)
  assert.deepEqual([row!.count, row!.max_ms], [3, 1e9])
})
