// Why a worker died, or that none did: real gunicorn that the proxy only sees from outside, ended in every way that
// operators meet. What its own log adds when we run it is in child.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Gunicorn, makeGunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import type { RawClient } from '../support/raw-client.ts'
import { startRecorder, writes } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { type Json, type Shield, startShield } from '../support/shield.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file, { timeout: 2 })
const shield = skip
  ? (null as unknown as Shield)
  : await startShield(file, {
      upstream: gunicorn.address,
      args: ['--workers', '4', '--worker-timeout', '2s'],
    })

const certificates = (url: string): Json[] =>
  shield.lines('worker lost').filter(line => String(line.url) === url)

/** The first so many certificates of a URL, in the log's order. */
async function certified(url: string, count = 1): Promise<Json[]> {
  await shield.log.until(() => certificates(url).length >= count, `${count} certificates of ${url}`)
  return certificates(url)
}

async function send(method: string, target: string): Promise<RawClient> {
  return (await shield.connect()).request(method, target, 'Content-Length: 0')
}

const incidentsOf = (status: Json, url: string): Json[] =>
  status.incidents.filter((each: Json) => each.url === url)

test('a hang, in Python and in C code: a timeout, and neither is sent again', { skip }, async () => {
  const clients = [await send('GET', '/hang?key=python'), await send('GET', '/deaf?key=c')]
  for (const client of clients) assert.equal((await client.answer()).status, 502)
  assert.equal((await shield.get('/pid')).status, 200)
  for (const url of ['/hang', '/deaf']) {
    const [lost] = await certified(url)
    assert.equal(lost?.cause, 'timeout', JSON.stringify(lost))
    assert.match(
      lost!.evidence.join('; '),
      /the worker had had the request for \d.*; the worker timeout is 2s/,
    )
    assert.equal(lost!.level, 'error')
  }
  for (const key of ['python', 'c']) assert.equal(gunicorn.executions(key), 1, key)
  const metrics = await shield.metrics()
  assert.equal(metrics.get('shieldproxy_workers_lost_total{cause="timeout"}'), 2)
})

test('kill -9, three times on one route: the third says so', { skip }, async () => {
  const clients = await Promise.all([1, 2, 3].map(n => send('POST', `/die?key=kill${n}`)))
  for (const client of clients) assert.equal((await client.answer()).status, 502)
  assert.equal((await shield.get('/pid')).status, 200)
  const lost = await certified('/die', 3)
  assert.deepEqual(
    lost.map(({ cause, count, repeated }) => [cause, count, repeated]),
    [
      ['killed', undefined, undefined],
      ['killed', 2, '2nd worker lost on POST /die in 10 minutes'],
      ['killed', 3, '3rd worker lost on POST /die in 10 minutes'],
    ],
  )
  assert.match(lost[0]!.evidence.join('; '), /the listener still took connections/)
  assert.match(lost[0]!.evidence.join('; '), /for want of memory/)
  assert.equal(incidentsOf(await shield.status(), '/die').length, 3)
})

test('an exception in the middle of a streamed answer: truncated', { skip }, async () => {
  const client = await send('GET', '/raise-mid?sent=5000')
  await client.ended()
  assert.notEqual((await client.rest())?.whole, true)
  assert.equal((await shield.get('/pid')).status, 200)
  const [lost] = await certified('/raise-mid')
  assert.equal(lost?.cause, 'truncated', JSON.stringify(lost))
  assert.match(lost!.advice, /traceback/)
})

test('SIGTERM to a worker, HUP to the master, MemoryError: an answer, and no certificate', {
  skip,
}, async () => {
  const ended = (pid: number) =>
    gunicorn.log.until(
      () => gunicorn.log.entries.some(line => line.includes(`Worker exiting (pid: ${pid})`)),
      `worker ${pid} to end`,
    )
  for (const key of ['term', 'hup']) {
    const client = await send('GET', `/hold?key=${key}`)
    const inside = await gunicorn.gate.entered(key)
    process.kill(key === 'term' ? inside.pid : gunicorn.pid, key === 'term' ? 'SIGTERM' : 'SIGHUP')
    if (key === 'hup') {
      const handled = () => gunicorn.log.entries.some(line => line.includes('Handling signal: hup'))
      await gunicorn.log.until(handled, 'the reload')
    }
    inside.release()
    assert.equal((await client.answer()).status, 200, key)
    await ended(inside.pid)
  }
  // The limit of a process is not the kernel's OOM killer: Python raises, and the worker lives on.
  assert.equal((await shield.get('/greedy?mb=2000&limited=1')).status, 500)
  // A loss after them has its verdict: so would each of them.
  const before = incidentsOf(await shield.status(), '/raise-mid').length
  await (await send('GET', '/raise-mid?sent=1')).ended()
  assert.equal((await shield.get('/pid')).status, 200)
  const judged = await shield.until(
    status => incidentsOf(status, '/raise-mid').length > before,
    'verdict on another loss',
  )
  for (const url of ['/hold', '/greedy']) assert.deepEqual(incidentsOf(judged, url), [])
})

test('workers recycled by max_requests cost nothing', { skip }, async t => {
  const recycling = await startGunicorn(t, { workers: 2, args: ['--max-requests', '1'] })
  const own = await startShield(t, { upstream: recycling.address, args: ['--workers', '2'] })
  const pids = new Set<string>()
  for (let n = 0; n < 4; n++) {
    const answer = await own.get('/pid')
    assert.equal(answer.status, 200)
    pids.add(answer.body.toString())
  }
  assert.equal(pids.size, 4, 'each had a worker of its own')
  // At its end it tells what waits for a verdict.
  assert.equal(await own.stop(), 0)
  assert.deepEqual(own.lines('worker lost'), [])
})

test('a restart of the master under requests: one line, of level info', { skip }, async t => {
  const master = await makeGunicorn(t, { workers: 3 })
  await master.start()
  const own = await startShield(t, { upstream: master.address, args: ['--workers', '3'] })
  const clients: RawClient[] = []
  for (const key of ['a', 'b', 'c']) {
    clients.push((await own.connect()).request('POST', `/hold?key=${key}`, 'Content-Length: 0'))
    await master.gate.entered(key)
  }
  await master.stop('SIGQUIT')
  const held = (await own.connect()).request('GET', '/pid')
  for (const client of clients) assert.equal((await client.answer()).status, 502)
  const lost = await own.logLine(({ msg }) => msg === 'worker lost', 'the certificate')
  assert.deepEqual(
    [lost.level, lost.cause, lost.count, lost.repeated],
    ['info', 'restart', 3, `3 workers lost as ${master.address} restarted`],
  )
  await master.start()
  assert.equal((await held.answer()).status, 200)
  const { incidents } = await own.status()
  assert.equal(incidents.length, 3)
  assert.equal(own.lines('worker lost').length, 1)
})

/** As gunicorn/util.py writes it; `handle_error` in gunicorn/workers/base.py is where, from 22 on at a timeout too. */
const page = '<html><head><title>Internal Server Error</title></head></html>\n'
const ofGunicorn = writes(
  `HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
)
const ofApp = writes(
  'HTTP/1.1 500 Oh\r\nServer: gunicorn\r\nDate: Fri, 21 Nov 2025 06:31:31 GMT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
)

test('the server’s own 500 at the worker timeout is one; an early one, and the app’s own, are not', async t => {
  const recorder = await startRecorder(t, { answer: ofGunicorn })
  const own = await startShield(t, {
    upstream: recorder.address,
    args: ['--workers', '4', '--worker-timeout', '1s'],
  })
  assert.equal((await own.get('/raises-at-once')).status, 500)
  // Its age is what is told from: nothing but time makes it.
  recorder.answer = each => void setTimeout(each.request.target === '/app' ? ofApp : ofGunicorn, 1_300, each)
  const both = [(await own.connect()).request('GET', '/app'), (await own.connect()).request('GET', '/hung')]
  for (const client of both) assert.equal((await client.answer()).status, 500)
  const lost = await own.logLine(({ msg }) => msg === 'worker lost', 'the certificate')
  assert.deepEqual([lost.cause, lost.url], ['timeout', '/hung'])
  assert.match(lost.evidence.join('; '), /an app that raised just then would look the same/)
  await own.stop()
  assert.equal(own.lines('worker lost').length, 1)
})
