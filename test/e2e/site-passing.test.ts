// Requests that a place of a file's site passes on: what the answer, the variables and the logs say of it. The apps behind
// are places of the same file.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { answers, startRecorder, writes } from '../support/recorder.ts'
import { runShield } from '../support/shield.ts'
import { breaksOff } from '../support/zoo.ts'

/** @param directives with FRONT for the address asked, APP for that of a server behind it */
async function site(t: TestContext, directives: string, ...args: string[]) {
  const [front, app] = await Promise.all([freePort(), freePort()])
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'html'))
  writeFileSync(join(folder, 'html/page'), 'page')
  const path = join(folder, 'site.conf')
  const ports = { FRONT: front, APP: app }
  const text = directives.replace(/\b(FRONT|APP)\b/g, name => `127.0.0.1:${ports[name as 'APP']}`)
  writeFileSync(path, text)
  const shield = runShield(t, [
    '-c',
    path,
    '--admin',
    `127.0.0.1:${await freePort()}`,
    '--log-format',
    'json',
    ...args,
  ])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
  const get = async (target: string, ...fields: string[]) => {
    const client = await connectRaw(t, `127.0.0.1:${front}`)
    const answer = await client.request('GET', target, 'Connection: close', ...fields).answer()
    client.close()
    return answer
  }
  const lines = async (name: string, count: number) => {
    const giveUp = performance.now() + 10_000
    for (;;) {
      const found = readFileSync(join(folder, name), 'latin1').trimEnd().split('\n')
      if (found.length >= count && found[0] !== '') return found
      assert.ok(performance.now() < giveUp, `${name} has ${found.length} lines`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { shield, port: front, folder, path, get, lines }
}

test('the log counts what went to the app and what came from it', async t => {
  const { get, lines } = await site(
    t,
    `log_format counts '$upstream_response_length $upstream_bytes_received $upstream_bytes_sent'; access_log off;
     server { listen FRONT; access_log counts.log counts; location / { proxy_pass http://APP; } }
     server { listen APP; location / { return 200 $request_length; } }`,
  )
  const asked = Number((await get('/')).body.toString())
  const [counts = ''] = await lines('counts.log', 1)
  const [length, received, sent] = counts.split(' ').map(Number)
  assert.equal(length, String(asked).length)
  assert.equal(sent, asked)
  assert.ok(received! > length! + 50, counts)
})

test('the log has those, too, who left before all of their request had come', async t => {
  const { port, lines } = await site(
    t,
    `log_format ends '$request $status $http_user_agent'; access_log ends.log ends;
     server { listen FRONT; location / { proxy_pass http://APP; } }`,
  )
  const requests = [
    ['GET /part', 'GET /part 400 -'],
    ['GET /head HTTP/1.1\r\nHost: a.test\r\nUser-Agent: told\r\nConn', 'GET /head HTTP/1.1 400 told'],
    ['POST /body HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n12', 'POST /body HTTP/1.1 400 -'],
  ] as const
  for (const [index, [bytes]] of requests.entries()) {
    const client = await connectRaw(t, `127.0.0.1:${port}`)
    client.send(bytes).close()
    const expected = requests.slice(0, index + 1).map(([, line]) => line)
    assert.deepEqual(await lines('ends.log', expected.length), expected)
  }
})

test('the log has 499 for who left while it was made to wait, or while another place was asked', async t => {
  const app = await startRecorder(t, { answer: () => {} })
  const { port, get, lines } = await site(
    t,
    `limit_req_zone $binary_remote_addr zone=slow:1m rate=1r/m;
     log_format ends '$uri $status [$request_completion]'; access_log ends.log ends;
     server { listen FRONT; root html;
       location /page { limit_req zone=slow burst=5; }
       location /quiet { access_log off; return 204; }
       location /asked { auth_request /may; }
       location /may { proxy_pass http://${app.address}; } }`,
  )
  const expected = ['/page 200 [OK]', '/page 499 []', '/asked 499 []']
  assert.equal((await get('/page')).status, 200)
  const late = await connectRaw(t, `127.0.0.1:${port}`)
  late.request('GET', '/page')
  // What was sent before this has been read by now, and waits.
  await get('/quiet')
  late.close()
  assert.deepEqual(await lines('ends.log', 2), expected.slice(0, 2))
  const asking = await connectRaw(t, `127.0.0.1:${port}`)
  asking.request('GET', '/asked')
  const { socket } = await app.request()
  asking.close()
  socket.end()
  assert.deepEqual(await lines('ends.log', 3), expected)
})

for (const buffering of ['on', 'off']) {
  test(`the body is a variable with proxy_request_buffering ${buffering}`, async t => {
    const { port, get } = await site(
      t,
      `server { listen FRONT; proxy_request_buffering ${buffering}; add_header X-Body "<$request_body>";
         location / { proxy_pass http://APP; }
         location /page { proxy_pass http://APP; proxy_intercept_errors on; error_page 404 = @page; }
         location @page { return 200 $request_body; } }
       server { listen APP; location / { return 204; } location /page { return 404; } }`,
    )
    const send = async (target: string, body: string) => {
      const client = await connectRaw(t, `127.0.0.1:${port}`)
      client.request('POST', target, 'Connection: close', `Content-Length: ${body.length}`).send(body)
      return await client.answer()
    }
    assert.equal(value(await send('/', 'some'), 'x-body'), '<some>')
    assert.equal((await send('/page', 'other')).body.toString(), 'other')
    assert.equal(
      value(await send('/', 'x'.repeat(100_000)), 'x-body')?.length,
      buffering === 'on' ? 100_002 : 2,
    )
    assert.equal(value(await get('/'), 'x-body'), '<>')
  })
}

for (const [place, coding] of [
  ['/own', 'length'],
  ['/own', 'chunked'],
  ['/page', 'length'],
  ['/without', 'chunked'],
]) {
  test(`a body that nobody wants does not end the connection: ${place}, ${coding}`, async t => {
    const { port } = await site(
      t,
      `server { listen FRONT; root html;
         location /own { return 200 own; }
         location /without { proxy_pass http://APP; proxy_pass_request_body off; } }
       server { listen APP; location / { return 200 app; } }`,
    )
    const client = await connectRaw(t, `127.0.0.1:${port}`)
    const body = 'b'.repeat(3000)
    const head = `GET ${place} HTTP/1.1\r\nHost: a.test\r\n`
    const whole =
      coding === 'length'
        ? `${head}Content-Length: 3000\r\n\r\n${body}`
        : `${head}Transfer-Encoding: chunked\r\n\r\nbb8\r\n${body}\r\n0\r\n\r\n`
    client.send(whole + whole + whole)
    for (let at = 0; at < 3; at++) {
      const answer = await client.answer()
      assert.equal(answer.status, 200)
      assert.equal(value(answer, 'connection'), 'keep-alive')
    }
  })
}

test('the app names its server, or nobody does, where `Server` is passed on', async t => {
  const [named, nameless] = await Promise.all([
    startRecorder(t, { answer: answers('named', 'Server: app') }),
    startRecorder(t, { answer: answers('nameless') }),
  ])
  const { get } = await site(
    t,
    `server { listen FRONT; location / { proxy_pass http://${named.address}; }
       location /own/ { proxy_pass http://${named.address}; proxy_pass_header Server;
         location /own/none { proxy_pass http://${nameless.address}; } } }`,
  )
  assert.match(value(await get('/'), 'server') ?? '', /^shieldproxy/)
  assert.equal(value(await get('/own/'), 'server'), 'app')
  assert.equal(value(await get('/own/none'), 'server'), undefined)
})

test('an app that hung up has a status of its own in the log', async t => {
  const { get, lines } = await site(
    t,
    `log_format tries '$upstream_status'; access_log off;
     server { listen FRONT; access_log tries.log tries;
       location / { proxy_pass http://APP; proxy_next_upstream off; } }
     server { listen APP; return 444; }`,
  )
  assert.equal((await get('/')).status, 502)
  assert.deepEqual(await lines('tries.log', 1), ['502'])
})

test('fields for a proxy, and a type without a body, go out where a file adds them', async t => {
  const { get } = await site(
    t,
    `server { listen FRONT; root html;
       location /own { add_header X-Accel-Redirect /page; add_header Content-Type text/x; return 204; }
       location /plain { return 204; }
       location /passed { proxy_pass http://FRONT/own; }
       location /shown { proxy_pass http://FRONT/own; proxy_pass_header X-Accel-Redirect;
         proxy_ignore_headers X-Accel-Redirect; } }`,
  )
  const own = await get('/own')
  assert.equal(value(own, 'x-accel-redirect'), '/page')
  assert.equal(value(own, 'content-type'), 'text/x')
  assert.equal(value(await get('/plain'), 'content-type'), undefined)
  const passed = await get('/passed')
  assert.equal(passed.body.toString(), 'page')
  assert.equal(value(passed, 'content-type'), 'text/x')
  assert.equal(value(await get('/shown'), 'x-accel-redirect'), '/page')
})

test('a connection to the app comes from where `proxy_bind` says', async t => {
  const { get } = await site(
    t,
    `server { listen FRONT; proxy_bind 127.0.0.2;
       location / { proxy_pass http://APP; }
       location /off { proxy_bind off; proxy_pass http://APP; }
       location /said { proxy_bind $arg_from; proxy_pass http://APP; } }
     server { listen APP; return 200 $remote_addr; }`,
  )
  assert.equal((await get('/')).body.toString(), '127.0.0.2')
  assert.equal((await get('/off')).body.toString(), '127.0.0.1')
  assert.equal((await get('/said?from=127.0.0.3')).body.toString(), '127.0.0.3')
  assert.equal((await get('/said?from=nowhere')).body.toString(), '127.0.0.1')
})

for (const [what, from, upgrade] of [
  ['an address of another machine', '192.0.2.77', []],
  ['an address of the other family', '::1', []],
  ['a port that is taken', 'APP', []],
  [
    'an address of another machine, for a WebSocket',
    '192.0.2.77',
    ['Connection: upgrade', 'Upgrade: websocket'],
  ],
] as const) {
  test(`what \`proxy_bind\` says is not to be had: ${what}`, async t => {
    const { get } = await site(
      t,
      `upstream app { server APP; server APP; }
       server { listen FRONT; proxy_set_header Upgrade $http_upgrade;
         location / { proxy_bind ${from}; proxy_pass http://app; }
         location /well { proxy_pass http://app; } }
       server { listen APP; return 200 app; }`,
    )
    const fields = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...upgrade]
    assert.equal((await get('/', ...fields)).status, 500)
    // It says nothing of the app.
    assert.equal((await get('/well')).body.toString(), 'app')
  })
}

test('what `auth_request_set` says of the request’s arguments goes to the app', async t => {
  const { get } = await site(
    t,
    `server { listen FRONT;
       location / { auth_request /allowed; auth_request_set $args user=7; proxy_pass http://APP/; }
       location = /allowed { return 204; } }
     server { listen APP; return 200 $args; }`,
  )
  assert.equal((await get('/?user=1')).body.toString(), 'user=7')
})

test('an answer without chunks that breaks off does not look whole', async t => {
  const app = await startRecorder(t, { answer: breaksOff['in a chunk'] })
  const { port } = await site(
    t,
    `server { listen FRONT; chunked_transfer_encoding off; location / { proxy_pass http://${app.address}; } }`,
  )
  const client = await connectRaw(t, `127.0.0.1:${port}`)
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
  assert.equal(await client.ended(), 'reset')
})

test('a body that cannot be had any more does not go to the app of an error page', async t => {
  const { port } = await site(
    t,
    `server { listen FRONT;
       location / { client_max_body_size 4; error_page 413 /page; error_page 400 /page; proxy_pass http://APP; }
       location /unread { proxy_request_buffering off; proxy_http_version 1.1; error_page 502 /page; proxy_pass http://APP/gone; }
       location /old { proxy_request_buffering off; error_page 502 /page; proxy_pass http://APP/gone; }
       location /page { client_max_body_size 10k; proxy_pass http://APP; }
       location /own { client_max_body_size 4; error_page 413 /text; proxy_pass http://APP; }
       location /text { return 200 "[$content_length]"; } }
     server { listen APP; location / { return 200 "[$content_length$http_transfer_encoding]"; }
       location /gone { return 444; } }`,
  )
  const chunked = (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body}`
  for (const [target, rest, status, told = '[]'] of [
    ['/', 'Content-Length: 5\r\n\r\n12345', 413],
    ['/', 'Content-Length: 5000\r\n\r\n1', 413],
    ['/', chunked('5\r\n12345\r\n0\r\n\r\n'), 413],
    ['/', chunked('ffff\r\n12345'), 413],
    ['/', chunked('1\r\n1\r\nx\r\n'), 400],
    ['/unread', 'Content-Length: 5\r\n\r\n12345', 502],
    ['/unread', 'Content-Length: 5000\r\n\r\n1', 502],
    ['/unread', chunked('5\r\n12345\r\n0\r\n\r\n'), 502],
    ['/unread', chunked('ffff\r\n12345'), 502],
    // What was announced can still be told.
    ['/own', 'Content-Length: 5\r\n\r\n12345', 413, '[5]'],
  ] as const) {
    const client = await connectRaw(t, `127.0.0.1:${port}`)
    const answer = await client.send(`POST ${target} HTTP/1.1\r\nHost: a.test\r\n${rest}`).answer()
    assert.deepEqual([answer.status, answer.body.toString()], [status, told], target + rest)
    client.close()
  }
  // In HTTP/1.0 there are no chunks: the body is taken in first, and is still there.
  const client = await connectRaw(t, `127.0.0.1:${port}`)
  client.send(`POST /old HTTP/1.1\r\nHost: a.test\r\n${chunked('5\r\n12345\r\n0\r\n\r\n')}`)
  assert.equal((await client.answer()).body.toString(), '[5]')
})

test('the app’s hints go on as `early_hints` says', async t => {
  const hints =
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
  const app = await startRecorder(t, { answer: writes(hints) })
  const { get } = await site(
    t,
    `server { listen FRONT; location / { proxy_pass http://${app.address}; early_hints $arg_hints; } }`,
  )
  assert.equal((await get('/?hints=1')).status, 103)
  assert.equal((await get('/')).status, 200)
})

test('what comes behind an answer’s body is in the log, and can be sent on under another name', async t => {
  const app = await startRecorder(t, {
    answer: writes(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n',
    ),
  })
  const { get, lines } = await site(
    t,
    `log_format sums '$upstream_trailer_x_sum $sent_http_transfer_encoding'; access_log sums.log sums;
     server { listen FRONT; add_trailer X-Own "<$upstream_trailer_x_sum>"; location / { proxy_pass http://${app.address}; } }`,
  )
  assert.deepEqual((await get('/')).trailers, [['X-Own', '<7>']])
  assert.deepEqual(await lines('sums.log', 1), ['7 chunked'])
})

test('how long a body in chunks was is known once it has come', async t => {
  const app = await startRecorder(t)
  const { port, lines } = await site(
    t,
    `log_format lengths '$uri [$content_length]'; access_log lengths.log lengths;
     server { listen FRONT; proxy_http_version 1.1; proxy_set_header X-Length "[$content_length]";
       location / { proxy_pass http://${app.address}; }
       location /at-once { proxy_pass http://${app.address}; proxy_request_buffering off; } }`,
  )
  const told = []
  for (const [at, target] of ['/', '/at-once'].entries()) {
    const client = await connectRaw(t, `127.0.0.1:${port}`)
    client.request('POST', target, 'Connection: close', 'Transfer-Encoding: chunked')
    await client.send('5\r\nhello\r\n0\r\n\r\n').answer()
    const { request } = await app.request(at + 1)
    told.push(request.fields.find(([name]) => name === 'X-Length')?.[1])
  }
  assert.equal(told[0], '[5]')
  assert.deepEqual(await lines('lengths.log', 2), ['/ [5]', '/at-once [5]'])
})

test('an answer is taken from the app as slowly as the file wants it', async t => {
  const body = 'b'.repeat(200_000)
  const app = await startRecorder(t, { answer: answers(body) })
  const { get, lines } = await site(
    t,
    `log_format times '$upstream_response_time'; access_log times.log times;
     server { listen FRONT; proxy_limit_rate $arg_rate; location / { proxy_pass http://${app.address}; } }`,
  )
  for (const rate of ['130k', '0', 'none']) assert.equal((await get(`/?rate=${rate}`)).body.toString(), body)
  const [slow, ...fast] = (await lines('times.log', 3)).map(Number)
  assert.ok(slow! >= 0.5, `${slow} s`)
  for (const time of fast) assert.ok(time < slow!, `${time} s`)
})

test('what others send while an answer is taken slowly does not get into it', async t => {
  const app = await startRecorder(t)
  app.answer = it => answers((it.request.target.startsWith('/slow') ? 'a' : 'b').repeat(15_000))(it)
  const { get } = await site(
    t,
    `server { listen FRONT; proxy_limit_rate $arg_rate; location / { proxy_pass http://${app.address}; } }`,
  )
  let there = false
  // All of it comes in one read, and a part of it may go at once.
  const slow = get('/slow?rate=10k').finally(() => (there = true))
  await app.request(1)
  while (!there) assert.equal((await get('/')).body.toString(), 'b'.repeat(15_000))
  const body = (await slow).body.toString()
  assert.equal(body.length, 15_000)
  assert.equal(body.replace(/^a*/, '').slice(0, 100), '', 'nothing but its own')
})
