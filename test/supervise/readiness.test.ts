// When an app counts as ready.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { UpstreamConfig } from '../../src/config/config.ts'
import { somebodyListens, untilReady } from '../../src/supervise/readiness.ts'
import { freePort } from '../support/ports.ts'

const skip = existsSync('/proc/net/tcp') ? false : 'there is no /proc here'

function upstream(port: number, host = '127.0.0.1'): UpstreamConfig {
  return { name: `${host}:${port}`, address: { kind: 'tcp', host, port } }
}

async function listen(t: TestContext, port = 0) {
  let connections = 0
  const server = createServer(() => connections++)
  t.after(() => void server.close())
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, connections: () => connections }
}

const never = async () => {
  throw new Error('nobody is asked')
}
const common = { ask: false, answers: never, path: '/up', timeout: 1000 }

test('a listener is enough, is not connected to, and is waited for at every address', { skip }, async t => {
  const first = await listen(t)
  const port = await freePort()
  const upstreams = [upstream(first.port), upstream(port, 'localhost')]
  const ready = untilReady({ ...common, upstreams, signal: new AbortController().signal })
  const early = await Promise.race([ready, new Promise(resolve => setImmediate(() => resolve('waits')))])
  assert.equal(early, 'waits')
  const second = await listen(t, port)
  assert.equal(await ready, true)
  assert.deepEqual([first.connections(), second.connections()], [0, 0])
})

test('a server that listens before it can serve is asked, until it answers', { skip }, async t => {
  const { port } = await listen(t)
  const asked: unknown[] = []
  const answers = async (...request: unknown[]) => asked.push(request) === 3
  const upstreams = [upstream(port)]
  const signal = new AbortController().signal
  assert.equal(await untilReady({ ...common, ask: true, answers, upstreams, signal }), true)
  assert.deepEqual(asked[2], [{ host: '127.0.0.1', port }, '/up', `127.0.0.1:${port}`, 1000])
  assert.equal(asked.length, 3)
})

test('one elsewhere is asked, as its listener cannot be seen', async () => {
  const answers = async () => true
  const upstreams = [upstream(80, '192.0.2.1')]
  const signal = new AbortController().signal
  assert.equal(await untilReady({ ...common, answers, upstreams, signal }), true)
})

test('the wait ends at the signal', async () => {
  const stop = new AbortController()
  const ready = untilReady({ ...common, upstreams: [upstream(await freePort())], signal: stop.signal })
  stop.abort()
  assert.equal(await ready, false)
})

test('somebody else at the app’s address is seen', { skip }, async t => {
  const { port } = await listen(t)
  const other = upstream(await freePort())
  const taken = upstream(port)
  assert.equal(await somebodyListens([other, taken]), taken)
  assert.equal(await somebodyListens([other]), null)
})
