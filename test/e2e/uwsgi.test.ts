// Real uWSGI behind the shield, by the very file that stands in front of it at nginx.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { runShield } from '../support/shield.ts'
import { startUwsgi } from '../support/uwsgi.ts'

const skip = without('uwsgi')

async function start(t: TestContext, processes = 2) {
  const uwsgi = await startUwsgi(t, processes)
  const folder = temporaryFolder(t)
  const [front, admin] = await Promise.all([freePort(), freePort()])
  const path = join(folder, 'app.conf')
  writeFileSync(
    path,
    `upstream app { server ${uwsgi.address}; shield_workers ${processes}; }
     server { listen 127.0.0.1:${front}; client_max_body_size 50m;
       location / { include uwsgi_params; uwsgi_pass app; uwsgi_read_timeout 30s; } }`,
  )
  const shield = runShield(t, ['-c', path, '--admin', `127.0.0.1:${admin}`, '--log-format', 'json'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
  shield.admin = `127.0.0.1:${admin}`
  const address = `127.0.0.1:${front}`
  return {
    uwsgi,
    shield,
    get: (target: string) => ask(t, address, target),
    connect: () => connectRaw(t, address),
  }
}

test('a WSGI app sees the request as behind nginx', { skip }, async t => {
  const { connect } = await start(t)
  const client = await connect()
  const body = Buffer.alloc(3_000_000, 'some text ')
  client.request(
    'POST',
    '/echo?a=%20b',
    `Content-Length: ${body.length}`,
    'X-Twice: 1',
    'Proxy: evil',
    'X-Twice: 2',
  )
  await client.sent(body)
  const told = JSON.parse((await client.answer()).body.toString())
  assert.equal(told.sha256, createHash('sha256').update(body).digest('hex'))
  const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, REQUEST_URI, CONTENT_LENGTH, HTTP_X_TWICE, HTTP_PROXY } =
    told.environ
  assert.deepEqual(
    { REQUEST_METHOD, PATH_INFO, QUERY_STRING, REQUEST_URI, CONTENT_LENGTH, HTTP_X_TWICE, HTTP_PROXY },
    {
      REQUEST_METHOD: 'POST',
      PATH_INFO: '/echo',
      QUERY_STRING: 'a=%20b',
      REQUEST_URI: '/echo?a=%20b',
      CONTENT_LENGTH: '3000000',
      HTTP_X_TWICE: '1, 2',
      HTTP_PROXY: undefined,
    },
  )
  const head = await client.request('HEAD', '/large?bytes=1000').answer('HEAD')
  assert.deepEqual([head.status, head.body.length], [200, 0])
  assert.equal((await client.request('GET', '/status?code=204').answer()).status, 204)
  assert.equal((await client.request('GET', '/large?bytes=5000000').answer()).body.length, 5_000_000)
  assert.equal((await client.request('GET', '/large?bytes=70000&chunked=1').answer()).body.length, 70_000)
})

test('a process that is killed costs no one an answer, and what it has begun is cut', { skip }, async t => {
  const { uwsgi, get, connect } = await start(t)
  const answer = await get('/die?key=once')
  assert.deepEqual([answer.status, answer.body.toString(), uwsgi.executions('once')], [200, 'alive', 2])
  const cut = await (await connect()).request('GET', '/die-mid?sent=10000&length=20000').rest()
  assert.deepEqual([cut?.status, cut?.whole, cut?.body.length], [200, false, 10_000])
})

test('while both processes work the others wait, and slow readers hold none of them', { skip }, async t => {
  const { uwsgi, shield, connect, get } = await start(t)
  const readers = await Promise.all([connect(), connect()])
  for (const reader of readers) {
    reader.socket.pause()
    reader.request('GET', '/large?bytes=8000000')
  }
  await shield.busy(0)
  const holding = ['a', 'b'].map(key => get(`/hold?key=${key}`))
  const gates = await Promise.all(['a', 'b'].map(key => uwsgi.gate.entered(key)))
  const third = get('/pid')
  await shield.queued(1)
  for (const gate of gates) gate.release()
  assert.equal((await third).status, 200)
  assert.deepEqual(
    (await Promise.all(holding)).map(({ body }) => body.toString()),
    ['held a', 'held b'],
  )
  for (const reader of readers) reader.socket.resume()
  for (const reader of readers) assert.equal((await reader.answer()).body.length, 8_000_000)
})

test('a restart is a short wait', { skip }, async t => {
  const { uwsgi, shield, get } = await start(t)
  assert.equal((await get('/')).status, 200)
  await uwsgi.end()
  const held = get('/')
  await shield.logLine(line => /upstream.*(?:down|refuses)/i.test(String(line.msg)), 'that it is down')
  await uwsgi.start()
  assert.equal((await held).status, 200)
})
