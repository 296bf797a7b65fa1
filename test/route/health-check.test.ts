import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HealthChecks } from '../../src/route/health-check.ts'

const checks = new HealthChecks(['/healthz', '/up'])

for (const [method, path, matches] of [
  ['GET', '/healthz', true],
  ['HEAD', '/up', true],
  ['GET', '/healthz?full=1', true],
  ['GET', '/healthz?', true],
  ['GET', '/healthz/', false],
  ['GET', '/Healthz', false],
  ['GET', '/healthz%20', false],
  ['GET', '/x?/healthz', false],
  ['GET', '/', false],
  ['POST', '/healthz', false],
  ['get', '/healthz', false],
  ['OPTIONS', '/up', false],
] as const) {
  test(`${method} ${path} is ${matches ? 'a' : 'no'} health check`, () => {
    assert.equal(checks.matches(method, path), matches)
  })
}

test('with no paths nothing is', () => {
  assert.equal(new HealthChecks([]).matches('GET', '/'), false)
})
