// Health checks that the proxy answers itself: without a worker, from what it knows, also when all workers are busy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

for (const cores of ['1', '2']) {
  test(`a busy pool is a healthy one (${cores} cores)`, async t => {
    const workers = await startSyncWorkers(t)
    const args = ['--workers', '1', '--health-answer', 'proxy', '--cores', cores]
    const shield = await startShield(t, { upstream: workers.address, args })
    assert.equal((await shield.get('/first')).status, 200)
    const holder = (await shield.connect()).request('GET', '/hold')
    const held = await workers.job('/hold')
    const waiting = (await shield.connect()).request('GET', '/next')
    await shield.queued(1)
    // What a worker has answered counts from the next beat of the clock on.
    let check = await shield.get('/healthz')
    while (check.status !== 200) check = await shield.get('/healthz')
    assert.equal(check.body.toString(), 'ok\n')
    assert.ok(!workers.order.includes('/healthz'))
    held.answer()
    await holder.answer()
    assert.equal((await waiting.answer()).status, 200)
  })
}

test('without traffic a worker is asked, once', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--health-answer', 'proxy', '--healthcheck-path', '/up']
  const shield = await startShield(t, { upstream: workers.address, args })
  await workers.job('/up')
  let check = await shield.get('/up')
  while (check.status !== 200) check = await shield.get('/up')
  assert.deepEqual(workers.order, ['/up'])
})

test('an app that is not there is said not to be, with the reason in the log', async t => {
  const shield = await startShield(t, {
    upstream: '127.0.0.1:1',
    args: ['--health-answer', 'proxy', '--hold', '0'],
  })
  const check = await shield.get('/healthz')
  assert.equal(check.status, 503)
  assert.ok(Number(value(check, 'retry-after')) >= 1)
  const line = await shield.requestLine('/healthz')
  assert.equal(line.failure, 'app_not_well')
})
