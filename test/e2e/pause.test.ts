// A pause for a deploy: requests wait and are served when it is over, health checks go on, and nobody is left without an
// answer; in one thread and in two.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { value } from '../support/answer.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const program = fileURLToPath(new URL('../../bin/shieldproxy.ts', import.meta.url))
const run = promisify(execFile)

for (const cores of ['1', '2']) {
  test(`what comes during a pause is served after it, in order (${cores} cores)`, async t => {
    const workers = await startSyncWorkers(t)
    const args = ['--workers', '1', '--cores', cores]
    const shield = await startShield(t, { upstream: workers.address, args })
    assert.equal((await shield.get('/before')).status, 200)
    const paused = await shield.ask('/pause?for=1m', 'POST')
    assert.match(paused.body.toString(), /^paused for 1m at most/)
    assert.equal((await shield.ask('/readyz')).status, 503)
    assert.equal((await shield.ask('/readyz')).body.toString(), 'paused\n')

    const first = (await shield.connect()).request('GET', '/1')
    await shield.queued(1)
    const second = (await shield.connect()).request('POST', '/2', 'Content-Length: 0')
    await shield.queued(2)
    assert.equal((await shield.get('/healthz')).status, 200, 'the app is there for health checks')
    assert.deepEqual(workers.order, ['/before', '/healthz'])

    const resumed = await shield.ask('/resume', 'POST')
    assert.equal(resumed.body.toString(), 'resumed; 2 requests had waited\n')
    assert.equal((await first.answer()).status, 200)
    assert.equal((await second.answer()).status, 200)
    assert.deepEqual(workers.order, ['/before', '/healthz', '/1', '/2'])
    const { timers } = await shield.requestLine('/1')
    assert.ok(timers.hold > timers.queue, JSON.stringify(timers))
    assert.equal((await shield.ask('/readyz')).status, 200)
  })
}

test('who waits in vain is told so, in the words that were given', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, {
    upstream: workers.address,
    args: ['--workers', '1', '--queue-timeout', '200ms'],
  })
  await shield.ask('/pause?message=Back%20at%20nine%20%E2%80%93%20%3Cpromised%3E', 'POST')
  const answer = await shield.get('/page', 'Accept: text/html')
  assert.equal(answer.status, 503)
  assert.ok(Number(value(answer, 'retry-after')) >= 1)
  assert.match(answer.body.toString(), /<p>Back at nine – &lt;promised>/)
  assert.equal(Number(value(answer, 'content-length')), answer.body.length)
  const line = await shield.requestLine('/page')
  assert.deepEqual([line.failure, line.outcome], ['paused', 'proxy:queued'])
  assert.deepEqual(workers.order, [])
})

test('a stop ends the pause, and who waited is served', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  await shield.ask('/pause', 'POST')
  const client = (await shield.connect()).request('GET', '/waiting')
  await shield.queued(1)
  shield.signal('SIGTERM')
  assert.equal((await client.answer()).status, 200)
  assert.equal(await shield.exited, 0)
})

test('a proxy that stops is not paused', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const held = (await shield.connect()).request('GET', '/hold/1')
  const waiting = (await shield.connect()).request('GET', '/waiting')
  const job = await workers.job('/hold/1')
  await shield.queued(1)
  shield.signal('SIGTERM')
  await shield.logLine(({ msg }) => msg === 'drain', 'the drain')
  assert.equal((await shield.ask('/pause?for=1h', 'POST')).status, 409)
  job.answer()
  assert.equal((await held.answer()).status, 200)
  assert.equal((await waiting.answer()).status, 200)
  assert.equal(await shield.exited, 0)
})

test('a message may ask something', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const paused = await shield.ask('/pause?message=Still%20there?Good&for=2m', 'POST')
  assert.match(paused.body.toString(), /^paused for 2m at most/)
})

test('by command: pause, resume', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const command = (...args: string[]) =>
    run(process.execPath, [program, ...args, '--admin', shield.admin]).then(({ stdout }) => stdout)
  assert.match(await command('pause', '--for', '2m', '--message', 'Back soon'), /^paused for 2m at most/)
  assert.equal((await shield.ask('/readyz')).status, 503)
  assert.equal(await command('resume'), 'resumed; 0 requests had waited\n')
  assert.equal(await command('resume'), 'nothing was paused\n')
  await assert.rejects(command('pause', '--for', 'soon'), /answered 400 .*for must be/s)
})

test('an order needs POST', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const asked = await shield.ask('/pause')
  assert.deepEqual([asked.status, value(asked, 'allow')], [405, 'POST'])
  const foreign = await shield.ask('/pause', 'POST', 'Origin: http://evil.example')
  assert.equal(foreign.status, 403)
  assert.equal((await shield.ask('/readyz')).status, 200)
})
