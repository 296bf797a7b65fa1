// WebSockets in a file's site: what reaches the app, and what the client gets to see of its answer.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { startRecordingApp } from '../support/recording-app.ts'
import { startShield } from '../support/shield.ts'

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

async function site(t: TestContext) {
  const app = await startRecordingApp(t)
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { location / { proxy_pass http://127.0.0.1:${app.port}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_hide_header X-Secret;
      add_header X-Frame-Options DENY always; add_header X-Good-News 1; } }`,
  )
  return { app, shield: await startShield(t, { upstream: [], args: ['-c', path] }) }
}

test('the fields of the file go with 101 as with any other answer, and names reach the app as they were written', async t => {
  const { app, shield } = await site(t)
  const answer = await shield.get('/ws', ...UPGRADE, 'App-Upgrade: websocket', 'X-CamelCase: 1')
  assert.equal(answer.status, 101)
  assert.equal(value(answer, 'upgrade'), 'websocket')
  assert.equal(value(answer, 'connection'), 'Upgrade')
  assert.equal(value(answer, 'x-frame-options'), 'DENY')
  assert.equal(value(answer, 'x-good-news'), undefined)
  const [reached] = app.taken()
  assert.ok(reached!.fields.includes('X-CamelCase: 1'), reached!.fields.join('\n'))
  assert.ok(reached!.fields.includes('Sec-WebSocket-Version: 13'))
})

test('nor does a refusal of the app go without them, and what the file hides is hidden', async t => {
  const { shield } = await site(t)
  const refused = [
    'App-Status: 403 Forbidden',
    'App-Field: X-Secret: 1',
    'App-Field: X-Told: 1',
    'App-Body: no',
  ]
  const answer = await shield.get('/ws', ...UPGRADE, ...refused)
  assert.equal(answer.status, 403)
  assert.equal(value(answer, 'x-frame-options'), 'DENY')
  assert.equal(value(answer, 'x-secret'), undefined)
  assert.equal(value(answer, 'x-told'), '1')
  assert.equal(answer.body.toString(), 'no')
})

test('a file that passes `Upgrade` on does so without the client’s `Connection`', async t => {
  const { app, shield } = await site(t)
  const [, ...fields] = UPGRADE
  const answer = await shield.get('/ws', ...fields, 'App-Upgrade: websocket')
  assert.equal(answer.status, 101)
  const [reached] = app.taken()
  assert.deepEqual(
    reached!.fields.filter(field => /^(connection|upgrade):/i.test(field)),
    ['Connection: Upgrade', 'Upgrade: websocket'],
  )
})

test('with flags, or with a body, one without `Connection` is served as if it did not ask', async t => {
  const app = await startRecordingApp(t)
  const flags = await startShield(t, { upstream: [`127.0.0.1:${app.port}`] })
  const [, ...fields] = UPGRADE
  assert.equal((await flags.get('/ws', ...fields, 'App-Body: plain')).status, 200)
  const { shield } = await site(t)
  const client = await shield.connect()
  const answer = await client
    .send(['GET /ws HTTP/1.1', 'Host: a', ...fields, 'Content-Length: 1', '', 'x'].join('\r\n'))
    .answer()
  assert.equal(answer.status, 200)
  client.close()
})
