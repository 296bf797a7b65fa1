// What a site does with its clients' connections: how long they last, what is told about it, and which requests they
// do not outlive.

import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { type Reached, startRecordingApp } from '../support/recording-app.ts'
import { startShield } from '../support/shield.ts'

/** The proxy with one server of these directives. */
function site(t: TestContext, server: string) {
  const folder = temporaryFolder(t)
  const path = join(folder, 'site.conf')
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(path, `access_log off; server { ${server} }`)
  return startShield(t, { upstream: [], args: ['-c', path] })
}

test('a connection lasts as the place that answers says', async t => {
  const shield = await site(
    t,
    `keepalive_requests 2; keepalive_timeout 30s 9s;
     location / { return 200 x; }
     location /long { keepalive_requests 3; return 200 x; }
     location /once { keepalive_timeout 0; return 200 x; }
     location /brief { keepalive_time 1ms; keepalive_requests 100000; return 200 x; }`,
  )
  const seen = async (target: string, times: number, ...lines: string[]) => {
    const client = await shield.connect()
    const told: (string | undefined)[] = []
    for (let at = 0; at < times; at++) {
      const answer = await client.request('GET', target, ...lines).answer()
      told.push(`${value(answer, 'connection')} ${value(answer, 'keep-alive')}`)
    }
    return told
  }
  const kept = 'keep-alive timeout=9'
  const closed = 'close undefined'
  assert.deepEqual(await seen('/', 2), [kept, closed])
  assert.deepEqual(await seen('/long', 3), [kept, kept, closed])
  assert.deepEqual(await seen('/once', 1), [closed])
  const client = await shield.connect()
  for (let told: string | undefined; told !== 'close'; )
    told = value(await client.request('GET', '/brief').answer(), 'connection')
  assert.deepEqual(await seen('/', 1, 'Connection: close'), [closed])
})

test('browsers that lose answers on used connections get new ones', async t => {
  const shield = await site(
    t,
    `location / { return 200 x; }
     location /safari { keepalive_disable safari; return 200 x; }
     location /none { keepalive_disable none; return 200 x; }`,
  )
  const closes = async (method: string, target: string, agent: string) => {
    const client = await shield.connect()
    const answer = await client.request(method, target, `User-Agent: ${agent}`, 'Content-Length: 0').answer()
    return value(answer, 'connection') === 'close'
  }
  const safari = 'Mozilla/5.0 (Mac OS X) AppleWebKit Safari/7534.48.3'
  assert.equal(await closes('POST', '/', 'MSIE 6.0'), true)
  assert.equal(await closes('GET', '/', 'MSIE 6.0'), false)
  assert.equal(await closes('POST', '/', 'MSIE 6.0; SV1'), false)
  assert.equal(await closes('POST', '/', 'MSIE 7.0'), false)
  assert.equal(await closes('POST', '/none', 'MSIE 6.0'), false)
  assert.equal(await closes('GET', '/', safari), false)
  assert.equal(await closes('GET', '/safari', safari), true)
  assert.equal(await closes('GET', '/safari', `Chrome/90 ${safari}`), false)
})

test('requests that are refused for what they are end their connection', async t => {
  const shield = await site(
    t,
    'error_page 400 /page; location / { return 200 x; } location /page { return 200 page; }',
  )
  const traced = await (await shield.connect()).request('TRACE', '/').answer()
  assert.deepEqual([traced.status, value(traced, 'connection')], [405, 'close'])
  for (const target of ['a.test:443', '/']) {
    const tunnel = await (await shield.connect()).request('CONNECT', target).answer()
    assert.deepEqual([tunnel.status, value(tunnel, 'connection')], [405, 'close'])
  }
  const expecting = await (await shield.connect()).request('GET', '/', 'Expect: wonders').answer()
  assert.deepEqual([expecting.status, value(expecting, 'connection')], [417, 'close'])
  const twice = ['If-Match: "a"', 'If-Match: "b"']
  const doubtful = await (await shield.connect()).request('GET', '/', ...twice).answer()
  assert.deepEqual([doubtful.status, value(doubtful, 'connection')], [400, 'close'])
  assert.equal(doubtful.body.toString(), 'page')
})

test('an error that nginx closes after ends the connection, whatever page it gets; a text of that status does not', async t => {
  const shield = await site(
    t,
    `location /text { return 400 no; }
     location /bare { return 400; }
     location /page { error_page 500 =200 /own; return 500; }
     location /own { return 200 own; }
     location /made { error_page 404 =500 /own; return 404; }`,
  )
  const after = async (target: string) => {
    const client = await shield.connect()
    return value(await client.request('GET', target).answer(), 'connection')
  }
  assert.deepEqual(await Promise.all(['/text', '/made', '/bare', '/page'].map(after)), [
    'keep-alive',
    'keep-alive',
    'close',
    'close',
  ])
})

test('connections are counted by what they are at, for whoever may ask', async t => {
  const shield = await site(t, 'location / { stub_status; }')
  const half = await shield.connect()
  half.send('GET / HTTP/1.1\r\n')
  // Connections of those who asked before may still be about to end.
  const wanted = /^Active connections: 2 \n.*\n.*\nReading: 1 Writing: 1 Waiting: 0 \n$/
  for (let page = ''; !wanted.test(page); ) page = (await shield.get('/')).body.toString()
  const client = await shield.connect()
  assert.equal((await client.request('POST', '/', 'Content-Length: 0').answer()).status, 405)
})

test('requests that could not be read are counted, too', async t => {
  const shield = await site(t, 'location / { stub_status; }')
  const requests = async () =>
    Number(/(\d+) \n/.exec((await shield.get('/')).body.toString().split('\n')[2]!)?.[1])
  const before = await requests()
  const client = await shield.connect()
  client.send('GET / HTTP/1.1\r\n\r\n')
  assert.equal((await client.answer()).status, 400)
  assert.equal(await requests(), before + 2)
})

test('fields that follow a body follow an empty one too, and know those before them', async t => {
  const shield = await site(
    t,
    `root .; add_trailer A $uri; add_trailer B $sent_trailer_a; location /text { return 200 ""; } location / { }`,
  )
  for (const target of ['/text', '/empty']) {
    const client = await shield.connect()
    const answer = await client.request('GET', target).answer()
    assert.equal(answer.body.length, 0)
    assert.deepEqual(answer.trailers, [
      ['A', target],
      ['B', target],
    ])
  }
})

test('a body that nobody wants is read to its end, and the next request follows', async t => {
  const shield = await site(t, 'client_max_body_size 10; location / { return 200 $uri; }')
  const chunks = (...sizes: string[]) =>
    `${sizes.map(text => `${text.length.toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`
  const post = (target: string, body: string) =>
    `POST ${target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`
  const client = await shield.connect()
  client.send(post('/a', chunks('12345', '67890')), post('/b', chunks('1')))
  assert.equal((await client.answer()).body.toString(), '/a')
  assert.equal((await client.answer()).body.toString(), '/b')
  for (const [body, status] of [
    ['4\r\nrunaway\r\n0\r\n\r\n', 400],
    [chunks('12345', '67890', '1'), 413],
  ] as const) {
    const other = await shield.connect()
    const answer = await other.send(post('/a', body)).answer()
    assert.deepEqual([answer.status, value(answer, 'connection')], [status, 'close'])
  }
})

test('lines that end with LF alone are read where the default server of the port says so, and the app gets CRLF', async t => {
  const app = await startRecordingApp(t)
  const ask = async (says: string) => {
    const shield = await site(
      t,
      `shield_bare_lf ${says}; location / { proxy_pass http://127.0.0.1:${app.port}; }`,
    )
    const client = await shield.connect()
    client.send('\nPOST /a HTTP/1.1\nHost: a\nContent-Length: 4\nX-A: 1\r\nConnection: close\n\na\nb\n')
    return (await client.answer()).status
  }
  assert.equal(await ask('off'), 400)
  assert.deepEqual(app.taken(), [])
  assert.equal(await ask('on'), 200)
  const [{ line, fields, body }] = app.taken() as [Reached]
  assert.deepEqual([line, body], ['POST /a HTTP/1.0', 'a\nb\n'])
  assert.ok(fields.includes('X-A: 1'), fields.join('\n'))
})

test('how long a client may read nothing is said by the place that answers it', {
  timeout: 60_000,
}, async t => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'site.conf')
  writeFileSync(join(folder, 'large'), '')
  // More than the kernel takes on both sides for a client that does not read.
  truncateSync(join(folder, 'large'), 64 * 1024 * 1024)
  writeFileSync(
    path,
    `log_format ends '$uri $request_completion.'; access_log ends.log ends;
     server { send_timeout 10m; location /patient { alias ${folder}/large; }
       location /brief { send_timeout 200ms; alias ${folder}/large; } }`,
  )
  const shield = await startShield(t, { upstream: [], args: ['-c', path] })
  const [patient, brief] = [await shield.connect({ paused: true }), await shield.connect({ paused: true })]
  patient.request('GET', '/patient')
  brief.request('GET', '/brief')
  let told = ''
  for (; told === ''; told = readFileSync(join(folder, 'ends.log'), 'latin1'))
    await new Promise(resolve => setImmediate(resolve))
  assert.equal(told, '/brief .\n')
  brief.socket.resume()
  assert.equal(await brief.ended(), 'reset')
  assert.equal(patient.ending, null)
  patient.reset()
})

test('a body that is wanted early is there for every place, within what the server allows', async t => {
  const app = await startRecordingApp(t)
  const shield = await site(
    t,
    `client_body_early_read $arg_on; client_max_body_size 8; error_page 400 =400 /page; location = /page { return 200 "page:$request_body"; }
     location / { return 200 "got:$request_body"; } location /moved { rewrite ^ /other last; } location /less { client_max_body_size 4; return 200 x; }
     location /app { proxy_pass http://127.0.0.1:${app.port}; } location /without { proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://127.0.0.1:${app.port}; }`,
  )
  const post = async (target: string, ...lines: string[]) => {
    const client = await shield.connect()
    const body = lines.pop()!
    const { status, body: answer } = await client
      .request('POST', target, 'Connection: close', ...lines)
      .send(body)
      .answer()
    return [status, answer.toString().slice(0, 10)]
  }
  const length = (body: string): [string, string] => [`Content-Length: ${body.length}`, body]
  const chunks = (size: number): [string, string] => [
    'Transfer-Encoding: chunked',
    `${size}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`,
  ]
  assert.deepEqual(await post('/', ...length('body')), [200, 'got:'])
  assert.deepEqual(await post('/?on=0', ...length('body')), [200, 'got:'])
  assert.deepEqual(await post('/?on=1', ...length('body')), [200, 'got:body'])
  assert.deepEqual(await post('/moved?on=1', ...length('body')), [200, 'got:body'])
  assert.deepEqual(await post('/?on=1', ...chunks(6)), [200, 'got:xxxxxx'])
  assert.equal((await post('/?on=1', ...chunks(9)))[0], 413)
  assert.equal((await post('/?on=1', 'Expect: 100-continue', ...length('too large')))[0], 413)
  assert.equal((await post('/less?on=1', ...length('body5')))[0], 413)
  assert.equal((await post('/less?on=1', ...chunks(5)))[0], 413)
  assert.deepEqual(await post('/?on=1', 'Transfer-Encoding: chunked', 'x\r\n'), [400, 'page:'])
  assert.equal((await post('/app?on=1', ...length('body')))[0], 200)
  assert.equal((await post('/without?on=1', ...length('body')))[0], 200)
  assert.deepEqual(
    app.taken().map(({ body }) => body),
    ['body', ''],
  )
  await shield.until(({ spools }) => spools.open === 0, 'no spool')
})

test('an error that the file answers stays it where the body has a broken chunk, and nothing behind it is a request', async t => {
  const shield = await site(t, 'location / { return 404 "none"; } location /next { return 200 next; }')
  const client = await shield.connect()
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  client.send(`${head}zz\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n`)
  const answer = await client.answer()
  assert.deepEqual([answer.status, value(answer, 'connection')], [404, 'close'])
  assert.equal(await client.rest(), null)
})
