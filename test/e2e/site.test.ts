// A site that a file describes, from its door to its worker and back: what goes round again inside, what is asked of
// other places, what is written down.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { patience } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { startRecordingApp } from '../support/recording-app.ts'
import { startShield } from '../support/shield.ts'

/** The proxy with a file of these directives in `server`, before an app that answers as it is told. */
async function site(t: TestContext, directives: (port: number) => string) {
  const folder = temporaryFolder(t)
  const app = await startRecordingApp(t)
  const path = join(folder, 'site.conf')
  const write = (text: string) =>
    writeFileSync(
      path,
      `log_format short '$status $body_bytes_sent "$request" $upstream_status';\n` +
        `access_log ${join(folder, 'access.log')} short;\nserver { listen 127.0.0.1:18999; ${text} }\n`,
    )
  write(directives(app.port))
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'files/report'), 'the report')
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const logged = async (line: RegExp, log = join(folder, 'access.log')) => {
    const giveUp = performance.now() + patience
    const read = () => readFileSync(log, 'utf8')
    while (!line.test(read())) {
      assert.ok(performance.now() < giveUp, `no line ${line} in\n${read()}`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { shield, app, write, logged }
}

test('another place decides who comes in, and what it says goes along', async t => {
  const { shield, app } = await site(
    t,
    port => `location / { auth_request /who; auth_request_set $who $upstream_http_x_who;
      proxy_pass http://127.0.0.1:${port}; proxy_set_header X-Who $who; }
    location = /who { internal; proxy_pass http://127.0.0.1:${port}; }`,
  )
  const refused = await shield.get('/page', 'App-Status: 403 No')
  assert.equal(refused.status, 403)
  assert.deepEqual(
    app.taken().map(({ line }) => line),
    ['GET /who HTTP/1.0'],
  )
  const known = await shield.get('/page', 'App-Field: X-Who: ada')
  assert.equal(known.status, 200)
  const [, page] = app.taken()
  assert.equal(page?.line, 'GET /page HTTP/1.0')
  assert.ok(page?.fields.includes('X-Who: ada'), page?.fields.join('\n'))
  assert.equal((await shield.get('/who')).status, 404, 'from outside there is no such place')
})

test('an error log of level debug tells which places a request came to, and how it ended', async t => {
  const log = join(temporaryFolder(t), 'error.log')
  const { shield, logged } = await site(
    t,
    () => `error_log ${log} debug; location = /exact { rewrite ^ /on?a=b last; } location ~ ^/o { return 404; }
      error_page 404 @gone; location @gone { return 200 gone; }`,
  )
  await shield.get('/exact', 'Connection: close')
  await logged(/finalize request: 404, "\/on\?a=b"/, log)
  await shield.get('/', 'Connection: close')
  await logged(/finalize request: 404, "\/"/, log)
  const told = readFileSync(log, 'utf8').match(/(?<=\*\d )(?:using|http).*/g)
  assert.deepEqual(told, [
    'using configuration "=/exact"',
    'using configuration "^/o"',
    'using configuration "@gone"',
    'http finalize request: 404, "/on?a=b"',
    'using configuration ""',
    'using configuration "@gone"',
    'http finalize request: 404, "/"',
  ])
})

test('an answer of the app may be another place’s: a file, a page, a fallback', async t => {
  const { shield } = await site(
    t,
    port => `location / { proxy_pass http://127.0.0.1:${port}; proxy_intercept_errors on;
      error_page 404 =200 @fallback; error_page 500 /sorry; }
    location @fallback { return 200 "fallback for $uri"; }
    location = /sorry { internal; return 200 "sorry"; }
    location /kept/ { internal; alias files/; }`,
  )
  const file = await shield.get('/x', 'App-Field: X-Accel-Redirect: /kept/report')
  assert.deepEqual([file.status, file.body.toString()], [200, 'the report'])
  const missing = await shield.get('/a%20b', 'App-Status: 404 Gone')
  assert.deepEqual([missing.status, missing.body.toString()], [200, 'fallback for /a b'])
  const broken = await shield.get('/x', 'App-Status: 500 Oh')
  assert.deepEqual([broken.status, broken.body.toString()], [500, 'sorry'])
})

test('what cannot be read as a request has the default server’s page, and a line in its log', async t => {
  const { shield, logged } = await site(
    t,
    () => 'error_page 400 /bad; location = /bad { return 200 "unreadable"; }',
  )
  const client = (await shield.connect()).send('GET / HTTP/1.1\r\nHost: a b\r\n\r\n')
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body.toString()], [400, 'unreadable'])
  await logged(/^400 10 "GET \/ HTTP\/1\.1" -$/m)
})

test('an upgraded connection is written down when it ends', async t => {
  const { shield, logged } = await site(
    t,
    port => `location / { proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }`,
  )
  const client = (await shield.connect()).request(
    'GET',
    '/socket',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    'App-Upgrade: websocket',
  )
  assert.equal((await client.head()).status, 101)
  client.close()
  await logged(/^101 \d+ "GET \/socket HTTP\/1.1" 101$/m)
})

test('HUP takes the new file on for the next request, also whom it passes on to', async t => {
  const { shield, write, app } = await site(t, () => 'location / { return 200 "old"; }')
  assert.equal((await shield.get('/')).body.toString(), 'old')
  write(`location / { return 200 "new"; } location /app { proxy_pass http://127.0.0.1:${app.port}; }`)
  shield.signal('SIGHUP')
  await shield.logLine(({ msg }) => msg === 'reload', 'the reload')
  assert.equal((await shield.get('/')).body.toString(), 'new')
  assert.equal((await shield.get('/app', 'App-Body: here')).body.toString(), 'here')
  write('location / { retrun 200 "never"; }')
  shield.signal('SIGHUP')
  await shield.logLine(
    ({ level, problems }) => level === 'error' && /retrun/.test(String(problems)),
    'why not',
  )
  assert.equal((await shield.get('/')).body.toString(), 'new')
})

test('the log has the line of what could not be read, and whether the answer was whole', async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `log_format told '$status "$request" "$uri" $request_completion';
     access_log ${join(folder, 'access.log')} told;
     server { location / { return 404; } location /no { return 444; }
       location /down { proxy_pass http://127.0.0.1:1; shield_hold 0; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const say = async (text: string) => {
    const client = await shield.connect()
    client.send(text)
    await client.ended()
  }
  await say('GET /a b HTTP/1.1\r\nHost: a\r\n\r\n')
  await say('GET /../x HTTP/1.0\r\nHost: a\r\n\r\n')
  await say('GET /x HTTP/1.0\r\n\r\n')
  await say('GET /no HTTP/1.0\r\n\r\n')
  await say('GET /down HTTP/1.0\r\n\r\n')
  await shield.stop()
  assert.deepEqual(readFileSync(join(folder, 'access.log'), 'utf8').split('\n'), [
    '400 "GET /a b HTTP/1.1" "-" OK',
    '400 "GET /../x HTTP/1.0" "" OK',
    '404 "GET /x HTTP/1.0" "/x" OK',
    '444 "GET /no HTTP/1.0" "/no" ',
    '502 "GET /down HTTP/1.0" "/down" OK',
    '',
  ])
})
