// An edge that gives up on slow answers (Fastly's limit, the shortest, 15 s): its visitors hear from us before it does,
// whether the app or the queue took the time, and the worker is not disturbed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import type { RawClient } from '../support/raw-client.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const GIVES_UP_AFTER_MS = 15_000

/** What the edge makes of it: our answer's status, or its own page when it had to give up. */
async function throughEdge(client: RawClient): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const gaveUp = new Promise<string>(resolve => {
    timer = setTimeout(resolve, GIVES_UP_AFTER_MS, 'the edge gave up')
  })
  const answered = client.answer().then(answer => `${answer.status} ${value(answer, 'retry-after') ?? ''}`)
  const seen = await Promise.race([answered, gaveUp])
  clearTimeout(timer)
  return seen
}

test('nobody meets the edge’s own error page', async t => {
  const workers = await startSyncWorkers(t)
  const args = ['--workers', '1', '--edge', 'fastly', '--trusted-proxies', 'loopback']
  const shield = await startShield(t, { upstream: workers.address, args })
  const slow = (await shield.connect()).request('GET', '/hold/slow')
  const seenBySlow = throughEdge(slow)
  const held = await workers.job('/hold/slow')
  const waiting = (await shield.connect()).request('GET', '/waiting')
  const seenByWaiting = throughEdge(waiting)
  await shield.queued(1)

  assert.match(await seenBySlow, /^503 \d+$/)
  assert.match(await seenByWaiting, /^503 \d+$/)
  for (const [path, outcome] of [
    ['/hold/slow', 'timeout:waiting'],
    ['/waiting', 'timeout:queued'],
  ] as const) {
    const line = await shield.requestLine(path)
    assert.equal(line.outcome, outcome)
    assert.equal(line.failure, 'edge_timeout')
  }
  await shield.busy(1)
  held.answer()
  assert.equal((await shield.get('/next')).status, 200)
  assert.deepEqual(workers.order, ['/hold/slow', '/next'], 'what had left the queue never reached the worker')
  assert.equal(workers.mostWaiting, 0)
})

test('the edge’s own names for client and request are in the log', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--edge', 'fly'] })
  const answer = await shield.get(
    '/',
    'Fly-Client-IP: 198.51.100.7',
    'Fly-Request-Id: 01J-ams',
    'CF-Ray: other',
  )
  assert.equal(answer.status, 200)
  const line = await shield.requestLine('/')
  assert.equal(line.client, '198.51.100.7')
  assert.equal(line.ray, '01J-ams')
})
