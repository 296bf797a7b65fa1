// Apps that speak uwsgi, FastCGI and SCGI behind the shield: what it does for HTTP's workers it does for theirs.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createServer } from 'node:tls'
import { value } from '../support/answer.ts'
import { Certificates } from '../support/certificates.ts'
import { answerOf, END, record, STDERR, STDOUT } from '../support/fastcgi.ts'
import { type GatewayApp, type GatewayJob, startGatewayApp } from '../support/gateway-app.ts'
import { readGateway } from '../support/gateway-reading.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { runShield } from '../support/shield.ts'

const FAMILIES = ['uwsgi', 'fastcgi', 'scgi'] as const
const PARAMS = 'REQUEST_METHOD $request_method|REQUEST_URI $request_uri|CONTENT_LENGTH $content_length'

/** @param said directives of `http`, with FRONT for the address asked */
async function site(t: TestContext, said: string, ...args: string[]) {
  const folder = temporaryFolder(t)
  const [front, admin] = await Promise.all([freePort(), freePort()])
  const address = `127.0.0.1:${front}`
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `error_log ${folder}/error.log info; events {} http { ${said.replaceAll('FRONT', address)} }`,
  )
  writeFileSync(join(folder, 'page'), 'the page')
  const flags = ['-c', path, '-p', folder, '--admin', `127.0.0.1:${admin}`, '--log-format', 'json', ...args]
  const shield = runShield(t, flags)
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listeners')
  shield.admin = `127.0.0.1:${admin}`
  const errors = async (text: RegExp) => {
    for (const giveUp = performance.now() + 10_000; ; ) {
      const log = readFileSync(join(folder, 'error.log'), 'latin1')
      if (text.test(log)) return log
      assert.ok(performance.now() < giveUp, log)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return {
    shield,
    address,
    errors,
    connect: () => connectRaw(t, address),
    get: (target: string, ...fields: string[]) => ask(t, address, target, ...fields),
  }
}

/** One place that passes on so. SCGI tells the length by itself. */
function place(family: string, app: GatewayApp | number | string, more = ''): string {
  const to =
    typeof app === 'object' ? `127.0.0.1:${app.port}` : typeof app === 'number' ? `127.0.0.1:${app}` : app
  const params = PARAMS.split('|').slice(0, family === 'scgi' ? 2 : 3)
  return `server { listen FRONT; ${params.map(param => `${family}_param ${param};`).join(' ')} ${more}
    location / { ${family}_pass ${to}; } }`
}

const answering = (job: GatewayJob) =>
  job.answer(
    `Status: 200\r\nContent-Type: text/plain\r\n\r\n${job.param('REQUEST_METHOD')} ${job.request.body.length}`,
  )

for (const family of FAMILIES) {
  test(`${family}: a body is whole before the app hears of it, whichever way it came`, async t => {
    const app = await startGatewayApp(t, answering)
    const { connect } = await site(t, place(family, app))
    const client = await connect()
    client.request('POST', '/slow', 'Content-Length: 6')
    await client.sent('abc')
    const other = await (await connect()).request('GET', '/other').answer()
    assert.equal(other.body.toString(), 'GET 0')
    assert.equal(app.counts.all, 1, 'only the other one')
    client.send('def')
    assert.equal((await client.answer()).body.toString(), 'POST 6')
    client.request('POST', '/chunks', 'Transfer-Encoding: chunked').send('3\r\nabc\r\n', '0\r\n\r\n')
    assert.equal((await client.answer()).body.toString(), 'POST 3')
    const [, slow, chunks] = app.jobs.entries
    assert.deepEqual(
      [slow!, chunks!].map(job => [job.request.gateway, job.param('CONTENT_LENGTH'), job.request.body]),
      [
        [family, '6', 'abcdef'],
        [family, '3', 'abc'],
      ],
    )
  })

  test(`${family}: no more requests than workers, each over a connection of its own`, async t => {
    const app = await startGatewayApp(t)
    const { connect, shield } = await site(t, `shield_workers 1; ${place(family, app)}`)
    const [first, second] = [await connect(), await connect()]
    first.request('GET', '/1')
    await app.jobs.until(() => app.jobs.entries.length === 1, 'the first')
    second.request('GET', '/2')
    await shield.queued(1)
    assert.equal(app.counts.all, 1)
    answering(app.jobs.entries[0]!)
    await app.jobs.until(() => app.jobs.entries.length === 2, 'the second')
    answering(app.jobs.entries[1]!)
    await Promise.all([first.answer(), second.answer()])
    assert.deepEqual(app.counts, { most: 1, all: 2 })
  })

  test(`${family}: a client that reads slowly holds no worker`, async t => {
    const body = 'x'.repeat(8 * 1024 * 1024)
    const app = await startGatewayApp(t)
    const { shield, connect } = await site(t, place(family, app))
    const client = await connect()
    client.request('GET', '/large')
    await app.jobs.until(() => app.jobs.entries.length === 1, 'the request')
    const [job] = app.jobs.entries
    const hungUp = once(job!.socket, 'close')
    if (family === 'fastcgi') {
      for (let at = 0; at < body.length; at += 32_768)
        job!.write(record(STDOUT, (at === 0 ? 'A: b\n\n' : '') + body.slice(at, at + 32_768)))
      job!.socket.end(Buffer.from(record(STDOUT, '') + record(END, '\0'.repeat(8)), 'latin1'))
    } else job!.answer(`A: b\n\n${body}`)
    await hungUp
    await shield.busy(0)
    assert.equal((await client.answer()).body.length, body.length)
  })

  test(`${family}: while nobody listens requests are held, and their own connect is the question`, async t => {
    const port = await freePort()
    const { get, shield } = await site(t, place(family, port))
    const asked = get('/held')
    await shield.logLine(line => /upstream.*(?:down|refuses)/i.test(String(line.msg)), 'that it is down')
    const app = await startGatewayApp(t, answering, port)
    assert.equal((await asked).body.toString(), 'GET 0')
    assert.equal(app.counts.all, 1, 'nobody asked without a request')
  })

  test(`${family}: streamed, a body goes on as it comes`, async t => {
    const app = await startGatewayApp(t, answering)
    const begun: number[] = []
    const { connect } = await site(
      t,
      place(family, app, `${family}_request_buffering off; ${family}_buffering off;`),
    )
    const client = await connect()
    client.request('POST', '/streamed', 'Content-Length: 300000')
    await client.sent('x'.repeat(100_000))
    for (const giveUp = performance.now() + 10_000; app.counts.all === 0; ) {
      assert.ok(performance.now() < giveUp, 'the app hears of it before it is whole')
      await new Promise(resolve => setImmediate(resolve))
    }
    begun.push(app.jobs.entries.length)
    client.send('x'.repeat(200_000))
    assert.equal((await client.answer()).body.toString(), 'POST 300000')
    assert.deepEqual(begun, [0])
  })

  test(`${family}: a request that the protocol has no room for is a 500, and costs the app nothing`, async t => {
    const app = await startGatewayApp(t, answering)
    const long = `set $a "${'x'.repeat(4000)}"; set $b "$a$a$a$a$a$a$a$a$a"; set $c "$b$b$b$b$b$b$b$b"; set $d "$c$c$c$c";`
    const { get, errors } = await site(t, place(family, app, `${long} ${family}_param LONG $d;`))
    assert.equal((await get('/')).status, 500)
    await errors(new RegExp(`${family} request (?:record )?is too big`))
    assert.equal(app.counts.all, 0)
  })

  test(`${family}: what is no answer is a 502, and so is a switch of protocols`, async t => {
    const outputs: Record<string, string> = {
      '/colon': 'Traceback (most recent call last)\n\n',
      '/status': 'Status: fine\n\n',
      '/switch': 'Status: 101 Switching Protocols\nUpgrade: websocket\n\n',
      '/lengths': 'Content-Length: 1\nContent-Length: 2\n\nx',
      '/split': 'X: a\rSet-Cookie: b\n\n',
    }
    const app = await startGatewayApp(t, job => job.answer(outputs[job.param('REQUEST_URI')!]!))
    const { get } = await site(t, place(family, app))
    for (const path of Object.keys(outputs)) assert.equal((await get(path)).status, 502, path)
  })

  test(`${family}: an answer that breaks off is not ended as if it were whole`, async t => {
    const broken =
      family === 'fastcgi' ? record(STDOUT, 'A: b\n\npart of it') : 'Content-Length: 100\n\npart of it'
    const app = await startGatewayApp(t, job => job.socket.end(broken))
    const { connect } = await site(t, place(family, app))
    const client = await connect()
    const answer = await client.request('GET', '/').rest()
    assert.equal(answer?.status, 200)
    assert.equal(answer?.whole, false)
  })

  test(`${family}: an address that a request works out needs a port`, async t => {
    const app = await startGatewayApp(t, answering)
    const { get, errors } = await site(t, place(family, '$arg_to'))
    assert.equal((await get(`/?to=127.0.0.1:${app.port}`)).body.toString(), 'GET 0')
    assert.equal((await get('/?to=127.0.0.1')).status, 502)
    await errors(/no port in upstream "127.0.0.1"/)
  })

  test(`${family}: served by two threads as by one`, async t => {
    const app = await startGatewayApp(t, answering)
    const { get } = await site(
      t,
      `upstream app { server 127.0.0.1:${app.port}; } ${place(family, 'app')}`,
      '--cores',
      '2',
    )
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => get(`/${i}`)))
    assert.deepEqual(new Set(all.map(({ body }) => body.toString())), new Set(['GET 0']))
  })
}

test('FastCGI’s error stream goes to the log, and what is caught there is no answer', async t => {
  const app = await startGatewayApp(t, job =>
    job.socket.end(Buffer.from(record(STDERR, 'PHP Warning: oh\n') + answerOf('A: b\n\nfine'), 'latin1')),
  )
  const { get, errors } = await site(
    t,
    place(
      'fastcgi',
      app,
      'location /caught { fastcgi_catch_stderr Warning; fastcgi_pass 127.0.0.1:1; }',
    ).replace('127.0.0.1:1;', `127.0.0.1:${app.port};`),
  )
  assert.equal((await get('/')).body.toString(), 'fine')
  await errors(
    /FastCGI sent in stderr: "PHP Warning: oh" while reading response header from upstream, client/,
  )
  assert.equal((await get('/caught')).status, 502)
})

test('a chunked body streams in records, whose end is told', async t => {
  const app = await startGatewayApp(t, answering)
  const { connect } = await site(t, place('fastcgi', app, 'fastcgi_request_buffering off;'))
  const client = await connect()
  client.request('POST', '/', 'Transfer-Encoding: chunked').send('5\r\nhello\r\n')
  for (const giveUp = performance.now() + 10_000; app.counts.all === 0; ) {
    assert.ok(performance.now() < giveUp, 'the app hears of it before it is whole')
    await new Promise(resolve => setImmediate(resolve))
  }
  client.send('6\r\n world\r\n', '0\r\n\r\n')
  assert.equal((await client.answer()).body.toString(), 'POST 11')
  assert.deepEqual(
    [app.jobs.entries[0]!.request.body, app.jobs.entries[0]!.param('CONTENT_LENGTH')],
    ['hello world', ''],
  )
})

test('whom a place asks for leave, what is served in an answer’s place, and pages for errors', async t => {
  const app = await startGatewayApp(t, job => {
    const path = job.param('REQUEST_URI')
    if (path === '/no') job.answer('Status: 403 No\n\n')
    else if (path === '/sent') job.answer('X-Accel-Redirect: /files/page\nSet-Cookie: a=1\n\n')
    else if (path === '/error') job.answer('Status: 404\n\nits own')
    else job.answer(`A: b\n\n${job.param('CONTENT_LENGTH')}`)
  })
  const uwsgi = `uwsgi_pass 127.0.0.1:${app.port}`
  const { get, connect } = await site(
    t,
    `server { listen FRONT; root .; uwsgi_param REQUEST_URI $uri; uwsgi_param CONTENT_LENGTH $content_length;
      location / { ${uwsgi}; uwsgi_intercept_errors on; error_page 404 /files/page; }
      location /files/ { internal; alias ./; }
      location = /yes { internal; ${uwsgi}; } location = /no { internal; ${uwsgi}; }
      location /in { auth_request /yes; ${uwsgi}; } location /out { auth_request /no; ${uwsgi}; } }`,
  )
  assert.equal((await get('/out')).status, 403)
  const client = await connect()
  const asked = await client.request('POST', '/in', 'Content-Length: 3').send('abc').answer()
  assert.equal(asked.body.toString(), '3')
  const lengths = app.jobs.entries.map(job => [job.param('REQUEST_URI'), job.param('CONTENT_LENGTH')])
  assert.deepEqual(lengths, [
    ['/no', ''],
    ['/yes', ''],
    ['/in', '3'],
  ])
  const sent = await get('/sent')
  assert.deepEqual([sent.body.toString(), value(sent, 'set-cookie')], ['the page', 'a=1'])
  const error = await get('/error')
  assert.deepEqual([error.status, error.body.toString()], [404, 'the page'])
})

test('what a gateway answered is kept for others; of a HEAD the head alone, and nothing where no key says what it is', async t => {
  let count = 0
  const app = await startGatewayApp(t, job =>
    job.answer(`X-Count: ${++count}\n\n${job.param('REQUEST_URI')} ${count}`),
  )
  const to = `uwsgi_pass 127.0.0.1:${app.port}`
  const { get, connect } = await site(
    t,
    `uwsgi_cache_path kept keys_zone=zone:1m; uwsgi_cache_valid 1m; uwsgi_param REQUEST_URI $uri;
     server { listen FRONT; uwsgi_cache zone;
       location / { uwsgi_cache_key $uri; ${to}; } location /keyless { ${to}; } }`,
  )
  const bodies = async (...paths: string[]) => {
    const all: string[] = []
    for (const path of paths) all.push((await get(path)).body.toString())
    return all
  }
  assert.deepEqual(await bodies('/a', '/a', '/b'), ['/a 1', '/a 1', '/b 2'])
  const client = await connect()
  assert.equal(value(await client.request('HEAD', '/c').answer('HEAD'), 'x-count'), '3')
  assert.deepEqual(await bodies('/c', '/c'), ['/c 4', '/c 4'])
  assert.deepEqual(await bodies('/keyless/a', '/keyless/b'), ['/keyless/a 5', '/keyless/b 6'])
})

test('suwsgi: the same over TLS, with whom the file says', async t => {
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('app.example')
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, socket => {
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
      const request = readGateway(bytes)
      if (request !== null) socket.end(`A: b\n\n${(socket as { servername?: string | false }).servername}`)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const app = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const { get } = await site(
    t,
    `server { listen FRONT; uwsgi_ssl_trusted_certificate ${certificates.authority.cert}; uwsgi_ssl_server_name on;
      uwsgi_ssl_verify on;
      location / { uwsgi_pass suwsgi://${app}; uwsgi_ssl_name app.example; }
      location /other { uwsgi_pass suwsgi://${app}; uwsgi_ssl_name other.example; } }`,
  )
  assert.equal((await get('/')).body.toString(), 'app.example')
  assert.equal((await get('/other')).status, 502)
})
