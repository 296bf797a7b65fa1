// An upstream that goes away and comes back: requests are held and answered in order, health checks are told at
// once, and the log has one line for each turn.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { makeGunicorn } from '../support/gunicorn.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import type { RawClient } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { everyMode, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const skip = without('gunicorn')

for (const mode of everyMode) {
  test(`requests are held while the upstream is down, and served in order (${mode.name})`, async t => {
    const port = await freePort()
    const args = ['--workers', '1', ...mode.args]
    const shield = await startShield(t, { upstream: `127.0.0.1:${port}`, args })
    const clients: RawClient[] = []
    for (let index = 1; index <= 4; index++) {
      clients.push((await shield.connect()).request('GET', `/${index}`))
      await shield.until(status => status.inflight.length === index, `${index} in flight`)
    }
    await shield.logLine(line => line.msg === 'upstream down', 'upstream down')
    const workers = await startSyncWorkers(t, { listen: port })
    for (const [index, client] of clients.entries())
      assert.equal((await client.answer()).body.toString(), `/${index + 1}`)
    assert.deepEqual(workers.order, ['/1', '/2', '/3', '/4'])
    await shield.logLine(line => line.msg === 'upstream up', 'upstream up')
    assert.equal(shield.lines('upstream down').length, 1)
    assert.equal(shield.lines('upstream up').length, 1)
    assert.ok((await shield.requestLine('/1')).timers.hold > 0, 'the time held is told')
  })
}

test('gunicorn restarts under requests: none is lost, two transitions', { skip }, async t => {
  const gunicorn = await makeGunicorn(t)
  await gunicorn.start()
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '4'] })
  assert.equal((await shield.get('/pid')).status, 200)
  await gunicorn.stop('SIGTERM')
  const clients: RawClient[] = []
  for (let index = 0; index < 12; index++) {
    const client = await shield.connect()
    client.send(`POST /echo?key=r${index} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok`)
    clients.push(client)
  }
  await shield.logLine(line => line.msg === 'upstream down', 'upstream down')
  await gunicorn.start()
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  for (let index = 0; index < 12; index++) assert.equal(gunicorn.executions(`r${index}`), 1)
  assert.equal(shield.lines('upstream down').length, 1)
  assert.equal(shield.lines('upstream up').length, 1)
  assert.equal(shield.lines('worker lost').length, 0)
})

test('a Unix socket that is not there counts as down', { skip }, async t => {
  const gunicorn = await makeGunicorn(t, { bind: `unix:${join(temporaryFolder(t), 'app.sock')}` })
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '4'] })
  const client = (await shield.connect()).request('GET', '/pid')
  await shield.logLine(line => line.msg === 'upstream down', 'upstream down')
  await gunicorn.start()
  assert.equal((await client.answer()).status, 200)
})

test('held for longer than --hold: 503 with Retry-After', async t => {
  const upstream = `127.0.0.1:${await freePort()}`
  const shield = await startShield(t, { upstream, args: ['--workers', '1', '--hold', '400ms'] })
  const answer = await shield.get('/held')
  assert.equal(answer.status, 503)
  assert.match(value(answer, 'retry-after') ?? '', /^\d+$/)
  const line = await shield.requestLine('/held')
  assert.equal(line.outcome, 'upstream:queued')
  assert.equal((await shield.ask('/readyz')).status, 503)
  // Later ones are not held at all.
  assert.equal((await shield.get('/later')).status, 503)
})

test('health checks are answered 503 at once while the upstream is down', async t => {
  const upstream = `127.0.0.1:${await freePort()}`
  const shield = await startShield(t, { upstream, args: ['--workers', '1'] })
  const held = (await shield.connect()).request('GET', '/held')
  await shield.logLine(line => line.msg === 'upstream down', 'upstream down')
  for (const path of ['/healthz', '/healthcheck', '/health', '/up']) {
    const answer = await shield.get(path)
    assert.equal(answer.status, 503, path)
  }
  assert.equal((await shield.status()).inflight.length, 1, 'the other one is still held')
  held.close()
})

test('the wrong port is seen in the log at once', async t => {
  const upstream = `127.0.0.1:${await freePort()}`
  const shield = await startShield(t, { upstream, args: ['--workers', '1'] })
  const line = await shield.logLine(
    line => line.msg === 'upstream down',
    'a word about the upstream without any request',
  )
  assert.ok(JSON.stringify(line).includes(upstream), JSON.stringify(line))
})

test('a client that leaves while held is never sent', async t => {
  const port = await freePort()
  const shield = await startShield(t, { upstream: `127.0.0.1:${port}`, args: ['--workers', '1'] })
  const gone = (await shield.connect()).request('POST', '/gone', 'Content-Length: 0')
  await shield.until(status => status.inflight.length === 1, 'one held')
  gone.close()
  const line = await shield.requestLine('/gone')
  assert.equal(line.outcome, 'client:queued')
  const workers = await startSyncWorkers(t, { listen: port })
  assert.equal((await shield.get('/after')).status, 200)
  assert.deepEqual(workers.order, ['/after'])
})
