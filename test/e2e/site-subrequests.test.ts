// What a site asks of itself for a client: other places' bodies within an answer, and what is asked after it. The workers
// of those places are nobody's to hold.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { runShield } from '../support/shield.ts'

/** An app that answers each target as the test says, and a shield in front of it with these directives. */
async function site(
  t: TestContext,
  lines: string,
  respond: (target: string, response: ServerResponse) => void,
) {
  const asked: string[] = []
  const app = createServer((request, response) => {
    asked.push(request.url!)
    respond(request.url!, response)
  })
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    app.closeAllConnections()
    app.close()
  })
  const port = await freePort()
  const to = `http://127.0.0.1:${(app.address() as AddressInfo).port}`
  const folder = temporaryFolder(t)
  const path = join(folder, 'site.conf')
  writeFileSync(path, `server { listen 127.0.0.1:${port}; ${lines.replaceAll('APP', to)} }`)
  const shield = runShield(t, ['-c', path, '--admin', 'off', '--hold', '0'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listener')
  const address = `127.0.0.1:${port}`
  const get = async (target: string, ...fields: string[]) => {
    const client = await connectRaw(t, address)
    client.request('GET', target, 'Connection: close', ...fields)
    await client.ended()
    return (await client.rest())!
  }
  return { address, asked, get, shield, read: (name: string) => readFileSync(join(folder, name), 'latin1') }
}

const HTML = { 'Content-Type': 'text/html' }

test('one worker for both: the answer that waits for another part does not keep it', async t => {
  const long = 'x'.repeat(3_000_000)
  const { get, asked } = await site(
    t,
    `location / { shield_workers 1; add_before_body /part; add_after_body /part; proxy_pass APP; }
     location /part { shield_workers 1; proxy_pass APP/part; }`,
    (target, response) => response.writeHead(200, HTML).end(target === '/part' ? 'part' : long),
  )
  const answer = await get('/page')
  assert.equal(answer.body.toString() === `part${long}part`, true)
  assert.deepEqual(asked, ['/page', '/part', '/part'])
})

test('what is put around nothing, and what gzip makes of nothing', async t => {
  const { get } = await site(
    t,
    `default_type text/html; gzip_min_length 0;
     location /around { add_before_body /part; add_after_body /part; return 200; }
     location /gzip { gzip on; return 200; } location /part { return 200 part; }`,
    () => {},
  )
  assert.equal((await get('/around')).body.toString(), 'partpart')
  const packed = await get('/gzip', 'Accept-Encoding: gzip')
  assert.equal(gunzipSync(packed.body).length, 0)
})

test('a part that breaks off cuts the answer', async t => {
  const { get } = await site(
    t,
    'location / { add_after_body /part; return 200 body; default_type text/html; } location /part { proxy_pass APP; }',
    (_, response) => {
      response.writeHead(200, { ...HTML, 'Content-Length': 10 })
      response.write('half', () => response.destroy())
    },
  )
  const answer = await get('/')
  assert.deepEqual([answer.body.toString(), answer.whole], ['bodyhalf', false])
})

test('a part that cannot be had is its error page', async t => {
  const { get } = await site(
    t,
    `default_type text/html; location / { add_after_body /part; return 200 "body "; }
     location /part { proxy_pass http://127.0.0.1:${await freePort()}; error_page 502 /sorry; }
     location /sorry { return 200 sorry; }`,
    () => {},
  )
  assert.equal((await get('/')).body.toString(), 'body sorry')
})

test('whoever leaves while a part is made is told of in the log, and the part’s worker is let go', async t => {
  let closed = () => {}
  const gone = new Promise<void>(resolve => (closed = resolve))
  let begun = () => {}
  const here = new Promise<void>(resolve => (begun = resolve))
  const { address, get } = await site(
    t,
    `location / { add_before_body /slow; return 200 body; default_type text/html; } location /slow { proxy_pass APP; }`,
    (_, response) => {
      response.on('close', closed)
      response.writeHead(200, HTML)
      const timer = setInterval(() => response.write('x'.repeat(100_000)), 1)
      response.on('close', () => clearInterval(timer))
      begun()
    },
  )
  const client = await connectRaw(t, address)
  client.request('GET', '/')
  await here
  client.reset()
  await gone
  assert.equal((await get('/', 'If-Match: "none"')).status, 412)
})

test('post_action is asked after every answer, also of one that its client did not wait for', async t => {
  let waiting: ServerResponse | null = null
  let begun = () => {}
  const here = new Promise<void>(resolve => (begun = resolve))
  let counted = () => {}
  const told = new Promise<void>(resolve => (counted = resolve))
  const { address, asked, get } = await site(
    t,
    `location / { post_action @count; return 200 body; } location /slow { post_action @count; proxy_pass APP; }
     location @count { proxy_pass APP/count?$uri; }`,
    (target, response) => {
      if (target.startsWith('/count')) {
        response.end()
        if (target.endsWith('/slow')) counted()
        return
      }
      waiting = response
      begun()
    },
  )
  assert.equal((await get('/a')).body.toString(), 'body')
  assert.deepEqual(asked, ['/count?/a'])
  const client = await connectRaw(t, address)
  client.request('GET', '/slow')
  await here
  client.reset()
  await told
  waiting!.end()
  assert.deepEqual(asked, ['/count?/a', '/slow', '/count?/slow'])
})

test('log_subrequest has a line for each', async t => {
  const { get, read } = await site(
    t,
    `access_log off; default_type text/html; addition_types *; addition_types *;
     location / { access_log main.log; post_action /after; auth_request /auth; add_after_body /part; alias ${import.meta.dirname}/; }
     location /part { log_subrequest on; access_log subs.log; return 200 part; }
     location /auth { log_subrequest on; access_log subs.log; return 204; }
     location /after { log_subrequest on; access_log subs.log; return 404; }`,
    () => {},
  )
  await get('/site-subrequests.test.ts')
  const statuses = (name: string) =>
    [...read(name).matchAll(/HTTP\/1\.1" (\d+)/g)].map(([, status]) => status)
  assert.deepEqual([statuses('main.log'), statuses('subs.log')], [['200'], ['204', '200', '404']])
})

test('where the answer to auth_request leads elsewhere, what is said there decides', async t => {
  const { get, asked } = await site(
    t,
    `location /let-in { auth_request /auth/in; proxy_pass APP; }
     location /kept-out { auth_request /auth/out; proxy_pass APP; }
     location /named { auth_request /auth/named; proxy_pass APP; }
     location /nowhere { auth_request /auth/nowhere; proxy_pass APP; }
     location /ignored { auth_request /deaf/out; proxy_pass APP; }
     location /auth/ { internal; proxy_pass APP; }
     location /deaf/ { internal; proxy_ignore_headers X-Accel-Redirect; proxy_pass APP; }
     location /no/ { }
     location /in { internal; return 204; }
     location /out { internal; return 403; }
     location @out { return 401; }`,
    (target, response) => {
      const [, kind] = /^\/(?:auth|deaf)\/(\w+)$/.exec(target) ?? []
      const to = kind === 'named' ? '@out' : kind === 'nowhere' ? '/no/such' : `/${kind}`
      response.writeHead(200, kind === undefined ? {} : { 'X-Accel-Redirect': to }).end()
    },
  )
  const statuses = []
  for (const target of ['/let-in', '/kept-out', '/named', '/nowhere', '/ignored'])
    statuses.push((await get(target)).status)
  assert.deepEqual(statuses, [200, 403, 401, 500, 200])
  assert.deepEqual(
    asked.filter(target => !target.startsWith('/auth/')),
    ['/let-in', '/deaf/out', '/ignored'],
  )
})
