// The queue in front of one worker: who is served, in which order, and who never reaches it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import type { RawClient } from '../support/raw-client.ts'
import { everyMode, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

for (const mode of everyMode) {
  test(`first in, first out (${mode.name})`, async t => {
    const workers = await startSyncWorkers(t)
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1', ...mode.args] })
    const holder = (await shield.connect()).request('GET', '/hold')
    const held = await workers.job('/hold')
    const waiting: RawClient[] = []
    for (let index = 1; index <= 5; index++) {
      waiting.push((await shield.connect()).request('GET', `/${index}`))
      await shield.queued(index)
    }
    held.answer()
    assert.equal((await holder.answer()).status, 200)
    for (const [index, client] of waiting.entries())
      assert.equal((await client.answer()).body.toString(), `/${index + 1}`)
    assert.deepEqual(workers.order, ['/hold', '/1', '/2', '/3', '/4', '/5'])
    assert.equal(workers.mostWaiting, 0, 'nothing ever waited in the backlog')
  })

  test(`a client that leaves while it waits never reaches a worker (${mode.name})`, async t => {
    const workers = await startSyncWorkers(t)
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1', ...mode.args] })
    const holder = (await shield.connect()).request('GET', '/hold')
    const held = await workers.job('/hold')
    const leaves = { closes: 'close', resets: 'reset', 'half-closes': 'halfClose' } as const
    for (const [name, how] of Object.entries(leaves)) {
      const client = (await shield.connect()).request('GET', `/${name}`)
      await shield.queued(1)
      client[how]()
      await shield.queued(0)
      assert.equal((await shield.requestLine(`/${name}`)).outcome, 'client:queued')
    }
    held.answer()
    await holder.answer()
    assert.equal((await shield.get('/after')).status, 200)
    assert.deepEqual(workers.order, ['/hold', '/after'])
  })
}

test('a full queue answers 503 with Retry-After, and keeps the connection of nobody', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--queue-size', '2']
  const shield = await startShield(t, { upstream: workers.address, args })
  const clients = [(await shield.connect()).request('GET', '/hold')]
  const held = await workers.job('/hold')
  for (let index = 1; index <= 2; index++) {
    clients.push((await shield.connect()).request('GET', `/${index}`))
    await shield.queued(index)
  }
  const refused = await shield.get('/3')
  assert.equal(refused.status, 503)
  assert.match(value(refused, 'retry-after') ?? '', /^\d+$/)
  assert.equal((await shield.metrics()).get('shieldproxy_shed_total{reason="queue_full"}'), 1)
  held.answer()
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  assert.deepEqual(workers.order, ['/hold', '/1', '/2'])
})

test('who waits longer than --queue-timeout gets 503 with Retry-After', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--queue-timeout', '300ms']
  const shield = await startShield(t, { upstream: workers.address, args })
  const holder = (await shield.connect()).request('GET', '/hold')
  const held = await workers.job('/hold')
  const refused = await shield.get('/late')
  assert.equal(refused.status, 503)
  assert.match(value(refused, 'retry-after') ?? '', /^\d+$/)
  assert.equal((await shield.requestLine('/late')).outcome, 'timeout:queued')
  held.answer()
  assert.equal((await holder.answer()).status, 200)
  assert.deepEqual(workers.order, ['/hold'])
})

test('a health check goes first, and only one waits at a time', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const holder = (await shield.connect()).request('GET', '/hold')
  const held = await workers.job('/hold')
  const waiting: RawClient[] = []
  for (let index = 1; index <= 3; index++) {
    waiting.push((await shield.connect()).request('GET', `/${index}`))
    await shield.queued(index)
  }
  const check = (await shield.connect()).request('GET', '/healthz')
  await shield.queued(4)
  held.answer()
  assert.equal((await check.answer()).status, 200)
  for (const client of [holder, ...waiting]) await client.answer()
  assert.deepEqual(workers.order, ['/hold', '/healthz', '/1', '/2', '/3'])
})

test('a health check waits a second at most', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const holder = (await shield.connect()).request('GET', '/hold')
  const held = await workers.job('/hold')
  assert.equal((await shield.get('/healthz')).status, 503)
  held.answer()
  assert.equal((await holder.answer()).status, 200)
  assert.deepEqual(workers.order, ['/hold'])
})
