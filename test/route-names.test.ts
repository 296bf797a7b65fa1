import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold, RouteNames } from '../src/route-names.ts'

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

test('a name has the method, and the same string comes back', () => {
  const names = new RouteNames()
  assert.equal(names.of('GET', '/users/17'), 'GET /users/:n')
  assert.equal(names.of('POST', '/users/17'), 'POST /users/:n')
  for (const method of ['BREW', '__proto__']) assert.equal(names.of(method, '/pot'), 'OTHER /pot')
})

test('a scan of many paths is forgotten, and names stay right', () => {
  const names = new RouteNames()
  for (let i = 0; i < 10_000; i++) assert.equal(names.of('GET', `/x${i}x`), `GET /x${i}x`)
  assert.equal(names.of('GET', `/${'x'.repeat(300)}`), `GET /${'x'.repeat(64)}…`)
})
