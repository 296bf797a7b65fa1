// Errors that the file has pages for: an app's, where the page is the app's as well, and those of clients who want another
// part or version than there is.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRecordingApp } from '../support/recording-app.ts'
import { startShield } from '../support/shield.ts'

test('an app that has no page for its error either is not asked for a third time, nor shown', async t => {
  const app = await startRecordingApp(t)
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { proxy_intercept_errors on; error_page 404 /404.html; error_page 500 =200 /50x.html;
      location / { proxy_pass http://127.0.0.1:${app.port}; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  for (const status of ['404 Not Found', '500 Internal Server Error']) {
    const answer = await shield.get('/nothing', `App-Status: ${status}`, 'App-Body: the words of the app')
    assert.equal(answer.status, Number.parseInt(status, 10))
    assert.match(answer.body.toString(), new RegExp(`<h1>${status}</h1>`))
    assert.deepEqual(
      app.taken().map(({ line }) => line.split(' ')[1]),
      ['/nothing', status.startsWith('404') ? '/404.html' : '/50x.html'],
    )
  }
})

test('the page of another app is an answer like any other: its connection stays', async t => {
  const app = await startRecordingApp(t)
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { shield_hold 0; error_page 502 = @other;
      location / { proxy_pass http://127.0.0.1:${await freePort()}; }
      location @other { proxy_pass http://127.0.0.1:${app.port}; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const client = await connectRaw(t, shield.address)
  for (const body of ['first', 'second']) {
    const answer = await client.request('GET', '/', `App-Body: ${body}`).answer()
    assert.deepEqual([answer.status, answer.body.toString()], [200, body])
  }
  client.close()
})

test('a body that the page’s app is not passed is given back all the same', async t => {
  const app = await startRecordingApp(t)
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { shield_hold 0; error_page 502 = @other;
      location / { proxy_pass http://127.0.0.1:${await freePort()}; }
      location @other { proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://127.0.0.1:${app.port}; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const client = await connectRaw(t, shield.address)
  client.request('POST', '/', 'Content-Length: 5').send('12345')
  assert.equal((await client.answer()).status, 200)
  assert.deepEqual(
    app.taken().map(({ body }) => body),
    [''],
  )
  await shield.until(({ spools }) => spools.open === 0, 'no spool')
  client.close()
})

test('who wants a part or a version that is not there gets the page that the file has for it', async t => {
  const app = await startRecordingApp(t)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), 'the file')
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `proxy_cache_path ${folder}/cache keys_zone=one:1m;
     server { error_page 412 416 @page; root ${folder};
       location /kept { proxy_cache one; proxy_pass http://127.0.0.1:${app.port}; }
       location /forced { proxy_force_ranges on; proxy_pass http://127.0.0.1:${app.port}; }
       location /file { gzip on; gzip_types *; }
       location @page { return 200 "page for $status"; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const kept = [
    'App-Field: Cache-Control: max-age=60',
    'App-Field: Accept-Ranges: bytes',
    'App-Body: the app',
  ]
  assert.equal((await shield.get('/kept', ...kept)).body.toString(), 'the app')
  const client = await connectRaw(t, shield.address)
  for (const [target, field, status] of [
    ['/file', 'If-Match: "other"', 412],
    ['/file', 'Range: bytes=100-', 416],
    ['/kept', 'If-Match: "other"', 412],
    ['/kept', 'Range: bytes=100-', 416],
  ] as const) {
    const answer = await client.request('GET', target, field).answer()
    assert.deepEqual([answer.status, answer.body.toString()], [status, `page for ${status}`], target + field)
    if (status === 416) assert.match(value(answer, 'content-range') ?? '', /^bytes \*\/[78]$/)
  }
  assert.equal(app.taken().length, 1, 'the app was asked once')
  for (const method of ['GET', 'HEAD']) {
    const forced = await client.request(method, '/forced', ...kept, 'Range: bytes=100-').answer()
    assert.deepEqual([forced.status, value(forced, 'content-range')], [416, 'bytes */7'])
    assert.equal(forced.body.toString(), method === 'GET' ? 'page for 416' : '')
  }
  const part = await client.request('GET', '/forced', ...kept, 'Range: bytes=4-').answer()
  assert.deepEqual([part.status, part.body.toString()], [206, 'app'])
  // The connection goes on.
  const answer = await client.request('GET', '/kept', 'Range: bytes=2-4').answer()
  assert.deepEqual([answer.status, answer.body.toString()], [206, 'e a'])
  client.close()
})
