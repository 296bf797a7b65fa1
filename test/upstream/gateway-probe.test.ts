import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answers } from '../../src/upstream/probe.ts'
import { startGatewayApp } from '../support/gateway-app.ts'
import { freePort } from '../support/ports.ts'

for (const family of ['uwsgi', 'fastcgi', 'scgi'] as const) {
  test(`${family}: asked by a whole request, whatever comes back is an answer`, async t => {
    const app = await startGatewayApp(t, job => job.answer('Status: 500\n\n'))
    const place = { host: '127.0.0.1', port: app.port }
    assert.equal(await answers(place, '/up', 'app.test', 5_000, { family, tls: null }), true)
    const [job] = app.jobs.entries
    assert.equal(job!.request.gateway, family)
    assert.deepEqual(
      ['REQUEST_METHOD', 'PATH_INFO', 'REQUEST_URI', 'SERVER_NAME', 'HTTP_HOST'].map(name =>
        job!.param(name),
      ),
      ['GET', '/up', '/up', 'app.test', 'app.test'],
    )
    assert.equal(app.counts.all, 1)
  })
}

test('nobody there, a close and silence are no answers', async t => {
  const terms = { family: 'uwsgi', tls: null } as const
  assert.equal(await answers({ host: '127.0.0.1', port: await freePort() }, '/', 'a', 5_000, terms), false)
  const closing = await startGatewayApp(t, job => job.socket.end())
  assert.equal(await answers({ host: '127.0.0.1', port: closing.port }, '/', 'a', 5_000, terms), false)
  const silent = await startGatewayApp(t)
  assert.equal(await answers({ host: '127.0.0.1', port: silent.port }, '/', 'a', 50, terms), false)
})
