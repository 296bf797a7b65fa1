// WebSockets in a file's site: what reaches the app, and what the client gets to see of its answer.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
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

test('a file passes on whatever protocol the client names, but for HTTP/2', async t => {
  const { app, shield } = await site(t)
  const answer = await shield.get('/attach', 'Connection: Upgrade', 'Upgrade: tcp', 'App-Upgrade: tcp')
  assert.deepEqual([answer.status, value(answer, 'upgrade')], [101, 'tcp'])
  const said = () => app.taken()[0]!.fields.filter(field => /^(connection|upgrade):/i.test(field))
  assert.deepEqual(said(), ['Connection: Upgrade', 'Upgrade: tcp'])
  for (const other of ['h2c', 'tcp, h2c', 'tcp;x']) {
    const served = await shield.get('/attach', 'Connection: Upgrade, HTTP2-Settings', `Upgrade: ${other}`)
    assert.equal(served.status, 200)
    assert.deepEqual(said(), ['Connection: close'])
  }
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

const PASSED = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

/** A site whose app's answers give way to others. */
async function givingWay(t: TestContext) {
  const app = await startRecordingApp(t)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'told.txt'), 'from a file')
  const pass = `proxy_pass http://127.0.0.1:${app.port}; ${PASSED} proxy_intercept_errors on;`
  const log = join(folder, 'access.log')
  writeFileSync(
    join(folder, 'site.conf'),
    `log_format told "$uri $status $upstream_status";
     server { root ${folder}; access_log ${log} told;
       location /page { ${pass} error_page 404 /told.txt; }
       location /named { ${pass} error_page 403 = @other; }
       location @other { proxy_pass http://127.0.0.1:${app.port}; proxy_set_header X-Other 1; }
       location /again { ${pass} error_page 404 = /upgraded; }
       location /upgraded { ${pass} }
       location /dying { ${pass} error_page 504 502 =503 /told.txt; }
       location /plain { ${pass} } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', join(folder, 'site.conf')] })
  const lines = () => readFileSync(log, 'latin1').split('\n').slice(0, -1)
  return { app, shield, lines }
}

test('an app’s refusal gives way to the page that the file has for it, and the connection ends with it', async t => {
  const { shield, lines } = await givingWay(t)
  const client = await shield.connect()
  const status = ['App-Status: 404 Not Found', 'App-Body: its own']
  client.send(['GET /page HTTP/1.1', 'Host: a', ...UPGRADE, ...status, '', ''].join('\r\n'))
  await client.ended()
  const answer = (await client.rest())!
  assert.equal(answer.status, 404)
  assert.equal(answer.body.toString(), 'from a file')
  assert.equal(value(answer, 'connection'), 'close')
  await shield.stop()
  assert.deepEqual(lines(), ['/told.txt 404 404'])
})

test('a place that it leads to is asked as any other, with its own answer', async t => {
  const { app, shield } = await givingWay(t)
  const refused = ['App-Status: 403 Forbidden', 'App-Body: x']
  const named = await shield.get('/named', ...UPGRADE, ...refused)
  assert.equal(named.status, 403)
  assert.deepEqual(
    app.taken().map(({ line, fields }) => [line, fields.includes('X-Other: 1')]),
    [
      ['GET /named HTTP/1.1', false],
      ['GET /named HTTP/1.0', true],
    ],
  )
  const again = await shield.get('/again', ...UPGRADE, 'App-Status: 404 Not Found', 'App-Body: x')
  assert.equal(again.status, 404)
  const [first, second] = app.taken()
  assert.equal(first!.fields.includes('Upgrade: websocket'), true)
  assert.equal(second!.line, 'GET /upgraded HTTP/1.1')
  assert.equal(second!.fields.includes('Upgrade: websocket'), false)
})

test('X-Accel-Redirect is followed from there, too', async t => {
  const { shield } = await givingWay(t)
  const answer = await shield.get(
    '/plain',
    ...UPGRADE,
    'App-Field: X-Accel-Redirect: /told.txt',
    'App-Body: x',
  )
  assert.deepEqual([answer.status, answer.body.toString()], [200, 'from a file'])
})

test('an app that ends the connection in place of an answer has the file’s own page', async t => {
  const { shield } = await givingWay(t)
  const answer = await shield.get('/dying', ...UPGRADE, 'App-End: at once')
  assert.deepEqual([answer.status, answer.body.toString()], [503, 'from a file'])
})

test('after all of it the worker is free, and WebSockets are still to be had', async t => {
  const { shield } = await givingWay(t)
  for (let i = 0; i < 3; i++) {
    const refused = await shield.get('/page', ...UPGRADE, 'App-Status: 404 Not Found', 'App-Body: x')
    assert.equal(refused.status, 404)
  }
  assert.equal((await shield.get('/page', ...UPGRADE, 'App-Upgrade: websocket')).status, 101)
})

test('what a worker says after its time does not reach the client, who has had the file’s page', async t => {
  const held: Socket[] = []
  const late = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => held.push(socket))
  })
  late.listen(0, '127.0.0.1')
  await once(late, 'listening')
  t.after(() => {
    for (const socket of held) socket.destroy()
    late.close()
  })
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'told.txt'), 'from a file')
  const { port } = late.address() as AddressInfo
  writeFileSync(
    join(folder, 'site.conf'),
    `server { root ${folder}; location /ws { proxy_pass http://127.0.0.1:${port}; ${PASSED}
       proxy_read_timeout 200ms; error_page 504 =503 /told.txt; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', join(folder, 'site.conf')] })
  const client = await shield.connect()
  client.send(['GET /ws HTTP/1.1', 'Host: a', ...UPGRADE, '', ''].join('\r\n'))
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body.toString()], [503, 'from a file'])
  // It works on, for all that is known: its slot stays taken until it hangs up.
  await shield.busy(1)
  const closed = once(held[0]!, 'close')
  held[0]!.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nlate')
  await closed
  await shield.busy(0)
  await client.ended()
  assert.equal(await client.rest(), null)
})
