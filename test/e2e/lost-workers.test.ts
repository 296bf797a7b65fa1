// Workers that die: what may be sent once more is, what may not never is, and the log says what is known.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { startRecorder, writes } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { everyMode, startShield } from '../support/shield.ts'
import { closesAtOnce, resetsAtOnce } from '../support/zoo.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file)

for (const mode of everyMode) {
  test(`a killed worker: GET is sent once more and succeeds (${mode.name})`, { skip }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '4', ...mode.args],
    })
    const key = `get-${mode.name}`
    const answer = await shield.get(`/die?key=${key}&times=1`)
    assert.equal(answer.status, 200)
    assert.equal(answer.body.toString(), 'alive')
    assert.equal(gunicorn.executions(key), 2)
    assert.equal((await shield.requestLine('/die')).attempts, 2)
  })

  test(`a killed worker: GET is not sent a third time (${mode.name})`, { skip }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '4', ...mode.args],
    })
    const key = `twice-${mode.name}`
    assert.equal((await shield.get(`/die?key=${key}&times=9`)).status, 502)
    assert.equal(gunicorn.executions(key), 2)
    const line = await shield.requestLine('/die')
    assert.equal(line.outcome, 'upstream:waiting')
    assert.equal(line.status_code, 502)
  })

  test(`a killed worker: POST gets 502 and is executed once (${mode.name})`, { skip }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '4', ...mode.args],
    })
    const key = `post-${mode.name}`
    const client = await shield.connect()
    client.send(`POST /die?key=${key}&times=9 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody`)
    assert.equal((await client.answer()).status, 502)
    assert.equal(gunicorn.executions(key), 1)
    const lost = await shield.logLine(line => line.msg === 'worker lost', 'the certificate')
    assert.equal(lost.level, 'error')
    assert.equal(lost.method, 'POST')
    assert.equal(lost.url, '/die')
    assert.ok(Array.isArray(lost.evidence) && lost.evidence.length > 0, 'evidence')
    assert.equal(typeof lost.advice, 'string')
    const { incidents } = await shield.status()
    assert.equal(incidents.length, 1)
    assert.equal(incidents[0].id, lost.id)
    assert.equal(incidents[0].cause, lost.cause)
  })
}

test('a worker killed by its master for hanging: never sent again', { skip }, async t => {
  const args = ['--workers', '4', '--worker-timeout', '3s']
  const shield = await startShield(t, { upstream: gunicorn.address, args })
  const client = (await shield.connect()).request('GET', '/hang?key=hanging')
  await gunicorn.gate.entered('hang hanging')
  gunicorn.gate.open('hang hanging')
  const { status } = await client.answer()
  assert.ok(status === 502 || status === 504, `status ${status}`)
  const lost = await shield.logLine(line => line.msg === 'worker lost', 'the certificate')
  assert.equal(lost.cause, 'timeout')
  assert.equal(gunicorn.executions('hanging'), 1)
  assert.equal((await shield.get('/pid')).status, 200)
})

test('no first byte within --read-timeout: 504, and the slot stays taken until the worker is done', {
  skip,
}, async t => {
  const args = ['--workers', '1', '--read-timeout', '300ms', '--worker-timeout', '20s']
  const shield = await startShield(t, { upstream: gunicorn.address, args })
  const client = (await shield.connect()).request('GET', '/hold?key=read-timeout')
  const entry = await gunicorn.gate.entered('read-timeout')
  assert.equal((await client.answer()).status, 504)
  await shield.busy(1)
  const next = (await shield.connect()).request('GET', '/pid')
  await shield.queued(1)
  entry.release()
  assert.equal((await next.answer()).status, 200)
  assert.equal((await shield.requestLine('/hold')).outcome, 'timeout:waiting')
})

const dies = { 'resets at once': resetsAtOnce, 'closes at once': closesAtOnce }
const retried = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
const once = ['POST', 'PATCH', 'LOCK']

for (const [name, answer] of Object.entries(dies)) {
  test(`an upstream that ${name}: what is idempotent is sent twice, all else once`, async t => {
    const recorder = await startRecorder(t, { answer })
    const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
    for (const method of [...retried, ...once]) {
      const before = recorder.count
      const client = (await shield.connect()).request(method, '/', 'Connection: close')
      assert.equal((await client.answer()).status, 502, method)
      assert.equal(recorder.count - before, retried.includes(method) ? 2 : 1, method)
    }
  })
}

test('nothing is sent again once a byte of the answer came', async t => {
  const recorder = await startRecorder(t, { answer: writes('HTTP/1.1 200 OK\r\nContent-Le') })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  assert.equal((await shield.get('/')).status, 502)
  assert.equal(recorder.count, 1)
})
