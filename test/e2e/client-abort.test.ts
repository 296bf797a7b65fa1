// Requests that are for the app whether or not their clients wait for an answer (`proxy_ignore_client_abort`).

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { answers, startRecorder } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'

/** The proxy with these directives, and the lines of its log: path and status. */
async function site(t: TestContext, directives: string) {
  const folder = temporaryFolder(t)
  const path = join(folder, 'site.conf')
  writeFileSync(path, `log_format ends '$uri $status'; access_log ends.log ends; ${directives}`)
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const ends = async (count: number) => {
    for (const giveUp = performance.now() + 10_000; ; ) {
      const lines = readFileSync(join(folder, 'ends.log'), 'latin1').split('\n').slice(0, -1)
      if (lines.length >= count) return lines
      assert.ok(performance.now() < giveUp, `the log has ${lines.length} lines`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { shield, ends }
}

/** An app with one worker that is busy with a first request; what is asked of `/kept` is for it whoever leaves. */
async function busyApp(t: TestContext) {
  const app = await startRecorder(t, { answer: () => {} })
  const { shield, ends } = await site(
    t,
    `upstream app { server ${app.address}; shield_workers 1; }
     server {
       location / { proxy_pass http://app; }
       location /kept { proxy_pass http://app; proxy_ignore_client_abort on; } }`,
  )
  const first = (await shield.connect()).request('GET', '/first')
  const busy = await app.request()
  const post = async (target: string) =>
    (await shield.connect()).request('POST', target, 'Content-Length: 4').send('pays')
  const release = () => {
    app.answer = answers('done')
    answers('first')(busy)
  }
  return { app, shield, ends, first, post, release }
}

test('a request whose client leaves while it waits is begun all the same', async t => {
  const { app, shield, ends, first, post, release } = await busyApp(t)
  const kept = await post('/kept/order')
  await shield.queued(1)
  const dropped = await post('/order')
  await shield.queued(2)
  dropped.close()
  await shield.queued(1)
  kept.close()
  assert.deepEqual(await ends(1), ['/order 499'])
  release()
  assert.equal((await first.answer()).status, 200)
  const { request } = await app.request(2)
  assert.equal(request.target, '/kept/order')
  assert.equal(request.body.toString(), 'pays')
  assert.deepEqual(await ends(3), ['/order 499', '/first 200', '/kept/order 200'])
  assert.equal(app.count, 2)
})

test('one that only sends no more has its answer', async t => {
  const { shield, post, release } = await busyApp(t)
  const kept = await post('/kept/order')
  await shield.queued(1)
  kept.halfClose()
  await post('/other')
  await shield.queued(2)
  release()
  assert.equal((await kept.answer()).body.toString(), 'done')
})

test('an upload that breaks off was no whole request, whether or not a worker has it already', async t => {
  const app = await startRecorder(t, { when: 'head', answer: () => {} })
  const { shield, ends } = await site(
    t,
    `server { location / { proxy_pass http://${app.address}; }
       location /at-once { proxy_pass http://${app.address}; proxy_request_buffering off; proxy_http_version 1.1; } }`,
  )
  for (const target of ['/', '/at-once']) {
    const client = (await shield.connect()).request('POST', target, 'Content-Length: 400').send('half')
    if (target === '/at-once') await app.connections.until(() => app.count === 1, 'the head')
    client.close()
    assert.equal((await ends(1 + Number(target === '/at-once'))).at(-1), `${target} 400`)
  }
})
