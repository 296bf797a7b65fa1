// What the operator sees: the line of a request, the lines besides it, and the admin listener.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRecorder, writes } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

test('one line a request, with every field', async t => {
  const body = 'HTTP/1.1 201 Created\r\nContent-Length: 4\r\nServer-Timing: db;dur=53\r\n\r\nbody'
  const recorder = await startRecorder(t, { answer: writes(body) })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = await shield.connect()
  client.send(
    'POST /a?secret=1 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nX-Forwarded-For: 203.0.113.7\r\nCF-Ray: 8a\r\n\r\nabc',
  )
  const answer = await client.answer()
  const line = await shield.requestLine('/a')
  assert.equal(line.level, 'info')
  assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.equal(line.client, '203.0.113.7')
  assert.equal(line.ray, '8a')
  assert.equal(line.method, 'POST')
  assert.equal(line.http_host, 'shop.example')
  assert.equal(line.url, '/a', 'queries may hold secrets')
  assert.equal(line.http_version, '1.1')
  assert.equal(line.status_code, 201)
  assert.equal(line.outcome, 'ok')
  assert.equal(line.upstream, recorder.address)
  assert.equal(line.slot, 0)
  assert.equal(line.attempts, 1)
  assert.ok(line.bytes_in > 3 && line.bytes_out > 4)
  assert.equal(line.spilled, 0)
  assert.equal(line.server_timing, 'db;dur=53')
  const phases = ['receive', 'queue', 'hold', 'connect', 'wait', 'respond', 'deliver', 'total']
  assert.deepEqual(Object.keys(line.timers).sort(), phases.sort())
  for (const phase of phases) assert.equal(typeof line.timers[phase], 'number')
  for (const reserved of ['status', 'host']) assert.ok(!(reserved in line), reserved)
  const { request } = await recorder.request()
  assert.equal(value(request, 'x-request-id'), line.id, 'the app knows the same id')
  assert.equal(answer.status, 201)
})

test('at debug, a line on arrival, before the end', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--log-level', 'debug'] })
  const client = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const arrival = await shield.logLine(line => line.msg === 'arrival', 'arrival')
  assert.equal(shield.lines('request').length, 0)
  job.answer()
  await client.answer()
  assert.equal((await shield.requestLine('/hold')).id, arrival.id)
})

test('health checks are logged when their answer changes', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const line = async (status: number): Promise<void> => {
    for (let count = 0; count < 3; count++) assert.equal((await shield.get('/healthz')).status, status)
  }
  await line(200)
  recorder.answer = writes('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n')
  await line(500)
  await shield.get('/other')
  await shield.requestLine('/other')
  const told = shield
    .lines('request')
    .filter(each => each.url === '/healthz')
    .map(each => each.status_code)
  assert.deepEqual(told, [200, 500])
})

test('status.json shows what is in flight, and where', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const first = (await shield.connect()).request('GET', '/hold?secret=1')
  const job = await workers.job('/hold?secret=1')
  const second = (await shield.connect()).request('GET', '/second')
  await shield.queued(1)
  const { inflight } = await shield.status()
  assert.equal(inflight.length, 2)
  const held = inflight.find((row: { url: string }) => row.url === '/hold')
  assert.equal(held.phase, 'waiting')
  assert.equal(held.slot, 0)
  assert.equal(held.client_present, true)
  assert.equal(inflight.find((row: { url: string }) => row.url === '/second').phase, 'queued')
  job.answer()
  for (const client of [first, second]) assert.equal((await client.answer()).status, 200)
  assert.equal((await shield.status()).inflight.length, 0)
})

test('a client that hangs up while a worker has its request is shown to have left', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  await shield.until(({ inflight }) => inflight[0]?.age_ms >= 200, 'a request that is not new')
  client.halfClose()
  const { inflight } = await shield.until(
    status => status.inflight[0]?.client_present === false,
    'the departure',
  )
  assert.deepEqual([inflight[0].phase, inflight[0].slot], ['waiting', 0])
  job.answer()
  assert.equal((await client.answer()).status, 200)
})

test('healthz, readyz and metrics', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '3'] })
  await shield.get('/')
  await shield.requestLine('/')
  assert.equal((await shield.ask('/healthz')).status, 200)
  assert.equal((await shield.ask('/readyz')).status, 200)
  assert.equal((await shield.ask('/nothing')).status, 404)
  const metrics = await shield.metrics()
  assert.equal(metrics.get('shieldproxy_requests_total{method="GET",status_class="2xx",outcome="ok"}'), 1)
  assert.equal(metrics.get('shieldproxy_queue_length'), 0)
  assert.ok(![...metrics.keys()].some(name => name.includes('/healthz')), 'labels never hold a URL')
})

test('a web page cannot use the admin listener', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address })
  const foreign = await shield.ask('/pause', 'POST', 'Origin: http://evil.example')
  assert.equal(foreign.status, 403)
  const client = await connectRaw(t, shield.admin)
  client.send('GET /status.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
  assert.notEqual((await client.answer()).status, 200)
  assert.equal((await shield.get('/')).status, 200)
})

test('error answers suit who asked, name the request, and no internal address', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--queue-size', '0']
  const shield = await startShield(t, { upstream: workers.address, args })
  const holder = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const kinds = {
    'text/html,*/*;q=0.8': 'text/html',
    'application/json': 'application/json',
    '*/*': 'text/plain',
  }
  for (const [accept, kind] of Object.entries(kinds)) {
    const answer = await shield.get('/no', `Accept: ${accept}`)
    assert.equal(answer.status, 503)
    assert.ok(value(answer, 'content-type')?.startsWith(kind), `${accept}: ${value(answer, 'content-type')}`)
    const text = answer.body.toString()
    assert.ok(text.includes(value(answer, 'x-request-id') as string), text)
    assert.ok(!text.includes(workers.address), text)
  }
  job.answer()
  await holder.answer()
})
