// Where it listens and where it connects: several upstreams, Unix sockets on either side, TLS.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { startRecorder } from '../support/recorder.ts'
import { findProgram, without } from '../support/servers.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'
import { startNeverAccepting } from '../support/zoo.ts'

test('of several upstreams, the least busy one is next', async t => {
  const upstreams = await Promise.all([
    startSyncWorkers(t, { workers: 2 }),
    startSyncWorkers(t, { workers: 2 }),
  ])
  const upstream = upstreams.map(each => each.address)
  const shield = await startShield(t, { upstream, args: ['--workers', '2'] })
  const clients = []
  for (let index = 1; index <= 4; index++) {
    clients.push((await shield.connect()).request('GET', `/hold${index}`))
    await shield.busy(index)
    const counts = (await shield.status()).upstreams.map((row: { busy: number }) => row.busy)
    assert.ok(Math.abs(counts[0] - counts[1]) <= 1, `busy ${counts}`)
  }
  const total = () => upstreams.reduce((sum, each) => sum + each.order.length, 0)
  for (const each of upstreams)
    await each.jobs.until(() => total() === 4 || each.order.length === 2, 'two jobs')
  for (const each of upstreams) {
    assert.equal(each.order.length, 2)
    for (const job of each.jobs.entries) job.answer()
  }
  for (const client of clients) assert.equal((await client.answer()).status, 200)
})

test('one of two upstreams is down: everything goes to the other', async t => {
  const down = await startSyncWorkers(t)
  const { address } = down
  await down.close()
  const up = await startSyncWorkers(t, { workers: 2 })
  const shield = await startShield(t, { upstream: [address, up.address], args: ['--workers', '2'] })
  for (let index = 0; index < 6; index++) assert.equal((await shield.get(`/${index}`)).status, 200)
  assert.equal(up.order.length, 6)
})

test('Unix sockets on both sides', async t => {
  const folder = temporaryFolder(t)
  const recorder = await startRecorder(t, { listen: join(folder, 'app.sock') })
  const path = join(folder, 'edge.sock')
  const shield = await startShield(t, { upstream: recorder.address, listen: [`unix:${path}`] })
  assert.equal((await ask(t, `unix:${path}`, '/a')).status, 200)
  assert.ok(statSync(path).isSocket())
  assert.equal(await shield.stop(), 0)
  assert.throws(() => statSync(path), 'the socket is gone after a clean stop')
})

test('several listeners', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, listen: ['127.0.0.1:0', '127.0.0.1:0'] })
  assert.equal(new Set(shield.addresses).size, 2)
  for (const address of shield.addresses) assert.equal((await ask(t, address, '/a')).status, 200)
})

test('TLS', { skip: without('openssl') }, async t => {
  const folder = temporaryFolder(t)
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'rsa:2048']
  const made = spawnSync(findProgram('openssl') as string, [
    'req',
    '-x509',
    ...subject,
    '-keyout',
    key,
    '-out',
    cert,
  ])
  assert.equal(made.status, 0, String(made.stderr))
  const recorder = await startRecorder(t)
  const shield = await startShield(t, {
    upstream: recorder.address,
    args: ['--tls-cert', cert, '--tls-key', key],
  })
  const client = await connectRaw(t, shield.address, { tls: true })
  for (let count = 0; count < 2; count++)
    assert.equal((await client.request('GET', '/').answer()).status, 200)
  const { request } = await recorder.request()
  assert.equal(value(request, 'x-forwarded-proto'), 'https')
  assert.equal(value(request, 'x-forwarded-port'), '443')
})

for (const kind of ['TCP', 'Unix'] as const) {
  test(`an upstream that never accepts, ${kind}: held until --queue-timeout, then 503`, async t => {
    const path = kind === 'TCP' ? '' : join(temporaryFolder(t), 'full.sock')
    const upstream = await startNeverAccepting(t, path)
    const args = ['--workers', '1', '--connect-timeout', '200ms', '--queue-timeout', '600ms']
    const shield = await startShield(t, { upstream, args })
    const client = (await shield.connect()).request('POST', '/', 'Content-Length: 0', 'Connection: close')
    assert.equal((await client.answer()).status, 503)
  })
}
