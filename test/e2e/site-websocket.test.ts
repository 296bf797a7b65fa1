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
