// The tests' own tools, proven against real gunicorn and against each other, without the proxy.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readAnswer } from './answer.ts'
import { startGunicorn } from './gunicorn.ts'
import { Journal } from './journal.ts'
import { readByNode } from './node-reading.ts'
import { temporaryFolder } from './owner.ts'
import { Random } from './random.ts'
import { ask, connectRaw } from './raw-client.ts'
import { startRecorder } from './recorder.ts'
import { without } from './servers.ts'
import { readRequest } from './strict-reading.ts'
import { startSyncWorkers } from './sync-worker.ts'
import { breaksOff, closeDelimited } from './zoo.ts'

const skip = without('gunicorn')

test('gunicorn: gates, counts, and one request a worker', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1 })
  const first = (await connectRaw(t, gunicorn.address)).request('GET', '/hold?key=a')
  const entry = await gunicorn.gate.entered('a')
  const second = (await connectRaw(t, gunicorn.address)).request('GET', '/count?key=b')
  assert.equal(gunicorn.executions('b'), 0, 'the only worker is held')
  entry.release()
  assert.equal((await first.answer()).body.toString(), 'held a')
  assert.equal((await second.answer()).body.toString(), '1')
  assert.equal(gunicorn.executions('a'), 1)
})

test('gunicorn without a proxy: a silent connection holds the worker until it is killed', {
  skip,
}, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1, timeout: 1 })
  await connectRaw(t, gunicorn.address)
  await gunicorn.log.find(line => line.includes('WORKER TIMEOUT'), 'the fault that the proxy removes')
  assert.equal(gunicorn.workerTimeouts.length, 1)
})

test('gunicorn: a Unix socket, an end, and a second start at the same place', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1, bind: `unix:${join(temporaryFolder(t), 'g.sock')}` })
  assert.equal((await ask(t, gunicorn.address, '/')).status, 200)
  await gunicorn.stop()
  await assert.rejects(connectRaw(t, gunicorn.address))
  await gunicorn.start()
  assert.equal((await ask(t, gunicorn.address, '/')).status, 200)
})

test('gunicorn: a worker that dies sends nothing, or half', { skip }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1 })
  const dead = (await connectRaw(t, gunicorn.address)).request('GET', '/die?key=d&times=1')
  assert.equal(await dead.rest(), null)
  assert.equal((await ask(t, gunicorn.address, '/die?key=d&times=1')).body.toString(), 'alive')
  const half = (await connectRaw(t, gunicorn.address)).request('GET', '/die-mid?sent=10&length=100')
  const answer = await half.rest()
  assert.equal(answer?.body.length, 10)
  assert.equal(answer?.whole, false)
})

test('a recorder tells what came, and how it ended', async t => {
  const recorder = await startRecorder(t)
  const client = (await connectRaw(t, recorder.address)).send(
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok',
  )
  assert.equal((await client.answer()).status, 200)
  const recorded = await recorder.request()
  assert.equal(recorded.request.body.toString(), 'ok')
  client.close()
  assert.equal(await recorder.ended(recorded), 'fin')
})

test('answers that break off are seen as such', async t => {
  for (const answer of [...Object.values(breaksOff), closeDelimited]) {
    const recorder = await startRecorder(t, { answer })
    const client = (await connectRaw(t, recorder.address)).request('GET', '/')
    assert.equal((await client.rest())?.whole, answer === closeDelimited)
  }
})

test('a blocking worker takes one connection at a time, an empty one too', async t => {
  const workers = await startSyncWorkers(t)
  const silent = await connectRaw(t, workers.address)
  const client = (await connectRaw(t, workers.address)).request('GET', '/a')
  await connectRaw(t, workers.address)
  assert.deepEqual(workers.order, [])
  silent.close()
  assert.equal((await client.answer()).body.toString(), '/a')
  assert.ok(workers.mostWaiting >= 1)
})

test('a lingering worker goes on when its peer has closed', async t => {
  const workers = await startSyncWorkers(t, { linger: 60_000 })
  const first = (await connectRaw(t, workers.address)).request('GET', '/1')
  await first.answer()
  const second = (await connectRaw(t, workers.address)).request('GET', '/2')
  await workers.jobs.find(job => job.target === '/1', 'the first')
  assert.deepEqual(workers.order, ['/1'])
  first.halfClose()
  assert.equal((await second.answer()).status, 200)
})

test('the strict reader agrees with Node where both accept', async () => {
  const bytes = Buffer.from(
    'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  )
  const reading = readRequest(bytes)
  assert.equal(reading.kind, 'whole')
  const [byNode] = await readByNode(bytes)
  assert.deepEqual(byNode, { method: 'POST', target: '/x', body: Buffer.from('abc') })
  assert.equal((await readByNode(Buffer.concat([bytes, bytes]))).length, 2, 'two requests are seen as two')
  assert.equal(readRequest(bytes.subarray(0, -1)).kind, 'incomplete')
  assert.equal(readRequest(Buffer.from('GET / HTTP/1.1\nHost: a\n\n')).kind, 'wrong')
})

test('answers are read strictly', () => {
  assert.equal(readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n')), null)
  assert.throws(() => readAnswer(Buffer.from('hello, this is no answer')))
  assert.throws(() =>
    readAnswer(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na')),
  )
  assert.throws(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')))
})

test('a journal that is closed says why it waited in vain', async () => {
  const journal = new Journal<string>('things')
  const waiting = journal.find(entry => entry === 'b', 'a b')
  journal.push('a')
  journal.close('it is over')
  await assert.rejects(waiting, /waited for a b, but it is over[\s\S]*a/)
})

test('random numbers repeat with their seed', () => {
  const numbers = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (random: Random) => () =>
          random.below(100)
      )(new Random(seed)),
    )
  assert.deepEqual(numbers(1), numbers(1))
  assert.notDeepEqual(numbers(1), numbers(2))
})
