// The end: what is under way is finished, nothing new is taken, and the exit status tells.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { connectRaw } from '../support/raw-client.ts'
import { everyMode, runShield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

for (const mode of everyMode) {
  test(`TERM: requests in a worker and in the queue are finished, then exit 0 (${mode.name})`, async t => {
    const workers = await startSyncWorkers(t)
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1', ...mode.args] })
    const running = (await shield.connect()).request('GET', '/hold')
    const job = await workers.job('/hold')
    const queued = (await shield.connect()).request('GET', '/queued')
    await shield.queued(1)
    shield.signal('SIGTERM')
    await shield.logLine(line => line.msg === 'drain', 'drain')
    job.answer()
    for (const client of [running, queued]) {
      const answer = await client.answer()
      assert.equal(answer.status, 200)
      assert.equal(value(answer, 'connection')?.toLowerCase(), 'close')
      assert.equal(await client.ended(), 'fin')
    }
    assert.equal(await shield.exited, 0)
    await assert.rejects(connectRaw(t, shield.address), 'the listener is closed')
  })
}

test('a request on its way over an idle connection is still served', async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '2'] })
  const running = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const idle = await shield.connect()
  assert.equal((await idle.request('GET', '/first').answer()).status, 200)
  shield.signal('SIGTERM')
  await shield.logLine(line => line.msg === 'drain', 'drain')
  const answer = await idle.request('GET', '/second').answer()
  assert.equal(answer.status, 200)
  assert.equal(value(answer, 'connection')?.toLowerCase(), 'close')
  job.answer()
  assert.equal((await running.answer()).status, 200)
  assert.equal(await shield.exited, 0)
})

test('a client that was told that its connection stays may ask once more, though TERM came in the middle of the answer', async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '2'] })
  const client = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  job.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
  await client.receives('hello')
  shield.signal('SIGTERM')
  await shield.logLine(line => line.msg === 'drain', 'drain')
  job.socket.end('world')
  assert.equal(value(await client.answer(), 'connection'), undefined)
  const answer = await client.request('GET', '/next').answer()
  assert.deepEqual([answer.status, value(answer, 'connection')?.toLowerCase()], [200, 'close'])
  assert.equal(await client.ended(), 'fin')
  assert.equal(await shield.exited, 0)
})

test('a body that is still coming is received and served', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).send('POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab')
  await shield.until(status => status.inflight.length === 1, 'the upload')
  shield.signal('SIGTERM')
  await shield.logLine(line => line.msg === 'drain', 'drain')
  client.send('cd')
  assert.equal((await client.answer()).status, 200)
  assert.equal(await shield.exited, 0)
})

test('a second TERM ends at once', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/hold')
  await workers.job('/hold')
  shield.signal('SIGTERM')
  await shield.logLine(line => line.msg === 'drain', 'drain')
  shield.signal('SIGTERM')
  await client.ended()
  await shield.exited
})

test('what still runs after --drain-timeout is cut, never a clean end', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--drain-timeout', '500ms']
  const shield = await startShield(t, { upstream: workers.address, args })
  const client = (await shield.connect()).request('GET', '/hold')
  await workers.job('/hold')
  shield.signal('SIGTERM')
  await client.ended()
  const answer = await client.rest()
  assert.ok(answer === null || answer.status === 503 || !answer.whole, `status ${answer?.status}`)
  await shield.exited
})

test('INT and QUIT drain too', async t => {
  const workers = await startSyncWorkers(t)
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const shield = await startShield(t, { upstream: workers.address })
    shield.signal(signal)
    assert.equal(await shield.exited, 0, signal)
  }
})

test('the port is taken: exit 1, and the message names it', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address })
  const flags = [
    '--upstream',
    workers.address,
    '--listen',
    shield.address,
    '--admin',
    'off',
    '--log-format',
    'json',
  ]
  const second = runShield(t, flags)
  assert.equal(await second.exited, 1)
  assert.ok(second.log.tail().includes(shield.address), second.log.tail())
})

test('a usage error: exit 2, all problems at once', async t => {
  const second = runShield(t, ['--upstream', 'nonsense:port', '--workers', 'many'])
  assert.equal(await second.exited, 2)
  const said = second.log.tail()
  assert.ok(said.includes('--upstream') && said.includes('--workers'), said)
})
