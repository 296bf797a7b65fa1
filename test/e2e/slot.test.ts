// A slot belongs to the worker, not to the client: it comes back when the worker hangs up, and not before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { startRecorder } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { busySlots, everyMode, type Shield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'
import { endless, keepsOpen } from '../support/zoo.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file, { workers: 1 })

/** Settles when the proxy has seen that the only client it had is gone. */
async function departed(shield: Shield): Promise<void> {
  await shield.until(({ connections }) => connections.active + connections.idle === 0, 'departure')
}

test('a request that its client has left is still shown while a worker has it', { skip }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/hold?key=shown')
  const entry = await gunicorn.gate.entered('shown')
  client.reset()
  await departed(shield)
  const { inflight } = await shield.status()
  entry.release()
  assert.equal(inflight.length, 1, 'what runs in a worker is in flight')
  assert.equal(inflight[0].url, '/hold')
  assert.equal(inflight[0].client_present, false)
})

for (const mode of everyMode) {
  test(`a client leaves while the worker runs: the slot stays taken until the worker is done (${mode.name})`, {
    skip,
  }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '1', ...mode.args],
    })
    const client = (await shield.connect()).request('GET', `/hold?key=left-${mode.name}`)
    const entry = await gunicorn.gate.entered(`left-${mode.name}`)
    client.reset()
    await departed(shield)
    assert.equal(busySlots(await shield.status()), 1)
    const next = (await shield.connect()).request('GET', `/pid?key=next-${mode.name}`)
    await shield.queued(1)
    assert.equal(gunicorn.executions(`next-${mode.name}`), 0)
    entry.release()
    assert.equal((await next.answer()).status, 200)
    await shield.busy(0)
    const line = await shield.requestLine('/hold')
    assert.equal(line.outcome, 'client:waiting')
    assert.equal(gunicorn.executions(`left-${mode.name}`), 1)
  })

  test(`an app that works on after its last byte keeps its slot, and its client does not wait (${mode.name})`, {
    skip,
  }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '1', ...mode.args],
    })
    const client = (await shield.connect()).request('GET', `/late?key=${mode.name}`)
    assert.equal((await client.answer()).body.toString(), 'done')
    const entry = await gunicorn.gate.entered(`late ${mode.name}`)
    assert.equal(busySlots(await shield.status()), 1)
    const next = (await shield.connect()).request('GET', '/pid')
    await shield.queued(1)
    entry.release()
    assert.equal((await next.answer()).status, 200)
  })

  test(`a worker that lingers until we close is freed by our close (${mode.name})`, async t => {
    // Left to itself it would take longer than any test has patience.
    const workers = await startSyncWorkers(t, { linger: 60_000 })
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1', ...mode.args] })
    for (let index = 1; index <= 5; index++)
      assert.equal((await shield.get(`/${index}`)).body.toString(), `/${index}`)
    assert.equal(workers.mostWaiting, 0)
  })

  test(`an answer without an end does not hold a worker for a client that left (${mode.name})`, async t => {
    const recorder = await startRecorder(t, { answer: endless })
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '1', ...mode.args],
    })
    const client = (await shield.connect()).request('GET', '/endless')
    await client.receives('xxxx')
    client.close()
    await recorder.ended(await recorder.connection())
    await shield.busy(0)
  })
}

test('the worker never gets a FIN before its answer is complete', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  let fin = false
  job.socket.on('end', () => {
    fin = true
  })
  client.reset()
  await departed(shield)
  assert.equal(fin, false)
  job.answer()
  await shield.busy(0)
})

test('an upstream that never closes does not keep its slot for ever', async t => {
  const recorder = await startRecorder(t, { answer: keepsOpen })
  const args = ['--workers', '1', '--worker-timeout', '1s']
  const shield = await startShield(t, { upstream: recorder.address, args })
  for (let index = 1; index <= 2; index++) assert.equal((await shield.get(`/${index}`)).status, 200)
  assert.equal(recorder.count, 2)
})

test('a half-closing client is answered once a worker has its request', async t => {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const client = (await shield.connect()).request('GET', '/hold')
  const job = await workers.job('/hold')
  client.halfClose()
  // The proxy has seen the FIN when a later connection was served by the admin listener.
  await shield.status()
  job.answer('for you')
  assert.equal((await client.answer()).body.toString(), 'for you')
})
