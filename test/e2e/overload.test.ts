// A standing overload, seen from outside: the newest are served first, the oldest are told to come back, and order
// returns when it is over. The overload is a queue that stays full; nobody's speed matters.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { patience } from '../support/journal.ts'
import type { RawClient } from '../support/raw-client.ts'
import { type Shield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

for (const cores of ['1', '2']) {
  test(`newest first while more is asked than can be done, and in order again (--cores ${cores})`, async t => {
    const workers = await startSyncWorkers(t)
    const args = ['--workers', '1', '--queue-size', '4', '--cores', cores]
    const shield = await startShield(t, { upstream: workers.address, args })
    const holder = (await shield.connect()).request('GET', '/hold')
    const held = await workers.job('/hold')
    const clients: RawClient[] = []
    for (let index = 0; index < 4; index++) {
      clients.push((await shield.connect()).request('GET', `/${index}`))
      await shield.queued(index + 1)
    }
    await refusedUntilOverload(shield, clients)
    clients.push((await shield.connect()).request('GET', `/${clients.length}`))
    await shield.log.until(() => failures(shield, 'overloaded').length > 0, 'the oldest made room')

    held.answer()
    assert.equal((await holder.answer()).status, 200)
    for (const client of clients) {
      const answer = await client.answer()
      if (answer.status !== 200) assert.match(value(answer, 'retry-after') ?? '', /^\d+$/)
    }
    const refused = failures(shield, 'queue_full')
    const told = failures(shield, 'overloaded')
    const letIn = clients.map((_, index) => `/${index}`).filter(path => !refused.includes(path))
    assert.deepEqual(told, letIn.slice(0, told.length), 'the oldest are told')
    assert.deepEqual(workers.order, ['/hold', ...letIn.slice(told.length).reverse()], 'the newest go first')

    await shield.until(status => status.queue.order === 'fifo', 'order')
    const metrics = await shield.metrics()
    assert.equal(metrics.get('shieldproxy_queue_overloaded'), 0)
    assert.equal(metrics.get('shieldproxy_shed_total{reason="overload"}'), told.length)
    await shield.log.until(() => shield.lines('overload').length >= 2, 'both lines')
    assert.deepEqual(
      shield.lines('overload').map(({ level, order }) => [level, order]),
      [
        ['warn', 'newest_first'],
        ['info', 'fifo'],
      ],
    )
  })
}

test('a client that closes while a worker has its request is answered, and the queue learns how long clients wait', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  // The FIN and the answer may come to the proxy in either order, so that one departure more or less is seen.
  for (let turn = 0; turn < 20; turn++) {
    const client = (await shield.connect()).request('GET', `/hold/${turn}`)
    const job = await workers.job(`/hold/${turn}`)
    await shield.until(({ inflight }) => (inflight[0]?.age_ms ?? 0) >= 200, 'an age of 200 ms')
    // What is learnt is worked out when somebody waits.
    const next = (await shield.connect()).request('GET', '/next')
    await shield.queued(1)
    await new Promise(resolve => client.halfClose().socket.once('finish', resolve))
    job.answer()
    assert.equal((await client.answer()).status, 200)
    assert.equal((await next.answer()).status, 200)
    const { queue } = await shield.until(({ inflight }) => inflight.length === 0, 'the end')
    if (queue.patience_ms !== null) return assert.ok(queue.patience_ms >= 100, `${queue.patience_ms} ms`)
  }
  assert.fail('twenty departures, and nothing was learnt')
})

/** The paths of the requests that failed so, in the order of the log. */
function failures(shield: Shield, failure: string): string[] {
  return shield
    .lines('request')
    .filter(line => line.failure === failure)
    .map(line => String(line.url))
}

/** Asks in vain, one after another, until the queue has been full for long enough. The last may be let in. */
async function refusedUntilOverload(shield: Shield, clients: RawClient[]): Promise<void> {
  const giveUp = performance.now() + patience
  for (let refused = 1; performance.now() < giveUp; refused++) {
    clients.push((await shield.connect()).request('GET', `/${clients.length}`))
    const { queue } = await shield.until(
      status => status.queue.order === 'newest_first' || failures(shield, 'queue_full').length === refused,
      'end of the request',
    )
    if (queue.order === 'newest_first') return
  }
  assert.fail('a queue that stays full is no overload yet')
}
