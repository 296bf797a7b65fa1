// What a site has from memcached (memcached_pass), with what the shield makes of it: many ask at once, nobody waits for one
// that is not there, and the app answers in its place.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { startMemcached } from '../support/memcached.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { answers, startRecorder } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { runShield } from '../support/shield.ts'

/** A shield that asks there, and an app with one worker where that has nothing. */
async function site(t: TestContext, store: string, place = '') {
  const folder = temporaryFolder(t)
  const app = await startRecorder(t, { answer: answers('of the app') })
  const [port, admin] = await Promise.all([freePort(), freePort()])
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `shield_workers 1;
     server { listen 127.0.0.1:${port};
       location / { set $memcached_key $uri; memcached_pass ${store}; error_page 404 502 504 = @app; ${place} }
       location @app { proxy_pass http://${app.address}; } }`,
  )
  const flags = ['--admin', `127.0.0.1:${admin}`, '--log-format', 'json', '--hold', '60s', '--workers', '1']
  const shield = runShield(t, ['-p', folder, '-c', path, ...flags])
  shield.admin = `127.0.0.1:${admin}`
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
  const get = async (target: string) => {
    const client = await connectRaw(t, `127.0.0.1:${port}`)
    const answer = await client.request('GET', target, 'Connection: close').answer()
    client.close()
    return { status: answer.status, body: answer.body.toString(), later: value(answer, 'retry-after') }
  }
  return { app, shield, get }
}

const FROM_APP = { status: 200, body: 'of the app', later: undefined }

test('what is there is given without the app; while it is down the app answers at once', {
  skip: without('memcached'),
}, async t => {
  const store = await startMemcached(t)
  const { app, shield, get } = await site(t, `127.0.0.1:${store.port}`)
  await store.set('/a', 'kept')
  const kept = { status: 200, body: 'kept', later: undefined }
  assert.deepEqual(await get('/a'), kept)
  assert.equal(app.count, 0)
  assert.deepEqual(await get('/b'), FROM_APP)
  await store.stop()
  for (let i = 0; i < 3; i++) assert.deepEqual(await get('/a'), FROM_APP)
  const again = await startMemcached(t, store.port)
  await again.set('/a', 'kept')
  await shield.logLine(line => line.msg === 'upstream up')
  assert.deepEqual(await get('/a'), kept)
  await shield.stop()
  assert.equal(shield.lines('worker lost').length, 0)
})

test('as many as come are asked at once, whatever is said of workers; one that is silent costs its own time', async t => {
  const store = await startRecorder(t, { answer: () => {}, when: 'connection' })
  const { app, get } = await site(t, store.address, 'memcached_read_timeout 200ms;')
  const all = await Promise.all(Array.from({ length: 5 }, (_, i) => get(`/${i}`)))
  assert.deepEqual(all, Array(5).fill(FROM_APP))
  assert.equal(store.count, 5)
  assert.match(store.connections.entries[0]!.bytes.toString(), /^get \/\d\r\n$/)
  assert.equal(app.count, 5)
})

test('one that hangs up, or talks nonsense, is asked once, and is no lost worker', async t => {
  const store = await startRecorder(t, {
    answer: ({ socket }) => void socket.end('HELLO\r\n'),
    when: 'connection',
  })
  const { get, shield } = await site(t, store.address)
  assert.deepEqual(await get('/a'), FROM_APP)
  store.answer = ({ socket }) => void socket.end()
  assert.deepEqual(await get('/a'), FROM_APP)
  assert.equal(store.count, 2)
  await shield.requestLine('/a', 2)
  await shield.stop()
  assert.equal(shield.lines('worker lost').length, 0)
})
