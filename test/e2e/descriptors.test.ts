// Few descriptors, or none left: newcomers are turned away, whoever is being served is served, an idle connection
// gives way to a request's, and everything is as before once there are descriptors again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Owner } from '../support/owner.ts'
import type { RawClient } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { type Shield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const skip = without('prlimit')

function startUnder(owner: Owner, upstream: string, files: number, ...args: string[]): Promise<Shield> {
  return startShield(owner, {
    upstream,
    args: ['--workers', '2', ...args],
    under: ['prlimit', `--nofile=${files}:${files}`],
  })
}

/** That many connections, one after the other, without a byte on them; some may have been ended again. */
async function silent(shield: Shield, count: number): Promise<RawClient[]> {
  const all: RawClient[] = []
  for (let index = 0; index < count; index++) all.push(await shield.connect())
  return all
}

test('with a low limit the idle ones give way, and a request under way does not', { skip }, async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const shield = await startUnder(t, workers.address, 128)
  const running = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const crowd = await silent(shield, 200)
  for (let index = 0; index < 5; index++) {
    assert.equal((await shield.get('/among-them', 'Connection: close')).status, 200)
  }
  job.answer()
  assert.equal((await running.answer()).status, 200)
  assert.ok(
    crowd.some(client => client.ending !== null),
    'some of the crowd were closed',
  )
  assert.equal(shield.child.exitCode, null)
})

test('with no descriptor left those who are there are served, and all are once there are some', {
  skip,
}, async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  // More clients than descriptors: the limit that would prevent it is set aside.
  const shield = await startUnder(t, workers.address, 64, '--max-connections', '1000')
  const kept = await shield.connect()
  assert.equal((await kept.request('GET', '/first').answer()).status, 200)
  const running = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  const crowd = await silent(shield, 100)
  // The connection to the worker needs a descriptor: an idle client's is taken.
  assert.equal((await kept.request('GET', '/second').answer()).status, 200)
  job.answer()
  assert.equal((await running.answer()).status, 200)
  for (const client of crowd) client.close()
  for (let index = 0; index < 20; index++) {
    assert.equal((await shield.get(`/after-${index}`, 'Connection: close')).status, 200)
  }
  assert.equal(await shield.stop(), 0)
})

test('an upload that needs a file when there is no descriptor is refused or waits, and takes nobody along', {
  skip,
}, async t => {
  const workers = await startSyncWorkers(t, { workers: 2 })
  const shield = await startUnder(t, workers.address, 64, '--max-connections', '1000')
  const kept = await shield.connect()
  assert.equal((await kept.request('GET', '/first').answer()).status, 200)
  const upload = await shield.connect()
  const size = 4 * 2 ** 20
  upload.send(`POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  await shield.until(status => status.inflight.length === 1, 'the upload')
  await silent(shield, 100)
  await upload.sent(Buffer.alloc(size))
  const { status } = await upload.answer()
  assert.ok(status === 200 || status === 503, `${status}`)
  assert.equal((await kept.request('GET', '/second').answer()).status, 200)
})
