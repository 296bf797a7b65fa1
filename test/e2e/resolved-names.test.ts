// Names behind a site's groups and its computed addresses: whom they are asked of, when again, and what is told of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { startLetters as start } from '../support/letters.ts'
import { startNameServer } from '../support/name-server.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'

test('a name that a request works out is asked of the resolver, and each of its addresses is tried', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['127.0.0.1', '127.0.0.1', '127.0.0.1'], ttl: 60 })
  const { get } = await start(
    t,
    'map A $port { ~:(?<p>\\d+)$ $p; }',
    `resolver ${server.address}; proxy_next_upstream http_503;
    location / { proxy_pass http://$arg_name:$port/; }
    location /worse { proxy_pass http://$arg_name:$port/worse; proxy_intercept_errors on; error_page 503 = /tries; }
    location /two { proxy_pass http://$arg_name:$port/worse; proxy_next_upstream_tries 2;
      proxy_intercept_errors on; error_page 503 = /tries; }
    location = /tries { return 200 $upstream_status; }`,
    1,
  )
  assert.equal(await get('/?name=app.test'), 'a')
  assert.equal(await get('/?name=other.test'), '502')
  assert.equal(await get('/worse?name=app.test'), '503, 503, 503')
  assert.equal(await get('/two?name=app.test'), '503, 503')
  assert.deepEqual(
    server.asked.filter(asked => asked === 'A app.test'),
    ['A app.test'],
  )
})

test('a name that was not known is asked for again by the next request', async t => {
  const server = await startNameServer(t)
  const { get } = await start(
    t,
    'map A $port { ~:(?<p>\\d+)$ $p; }',
    `resolver ${server.address}; location / { proxy_pass http://$arg_name:$port/; }`,
    1,
  )
  assert.equal(await get('/?name=app.test'), '502')
  server.names.set('app.test', { addresses: ['127.0.0.1'], ttl: 60 })
  assert.equal(await get('/?name=app.test'), 'a')
})

test('a server to be resolved is asked of the name servers of the whole file', async t => {
  const server = await startNameServer(t)
  server.names.set('app.test', { addresses: ['127.0.0.1'], ttl: 60 })
  const port = await freePort()
  const { get } = await start(
    t,
    `resolver ${server.address}; upstream app { server app.test:${port} resolve; }
    server { listen 127.0.0.1:${port}; return 200 found; }`,
    'location / { proxy_pass http://app; }',
    1,
  )
  assert.equal(await get('/'), 'found')
  assert.deepEqual(server.asked, ['A app.test'])
})

for (const cores of [1, 2]) {
  test(`one that refuses is not waited for where the file says so, on ${cores} core(s)`, async t => {
    const { get } = await start(
      t,
      'shield_hold 0; map DEAD $port { ~:(?<p>\\d+)$ $p; }',
      'location / { proxy_pass http://127.0.0.1:$port/; error_page 502 = /none; } location = /none { return 200 none; }',
      cores,
      null,
    )
    assert.equal(await get('/'), 'none')
  })

  test(`each address of a name that a request works out is told, whenever all refuse, on ${cores} core(s)`, async t => {
    const server = await startNameServer(t)
    server.names.set('app.test', { addresses: ['127.0.0.2', '127.0.0.3'], ttl: 60 })
    const { address } = await start(
      t,
      'map DEAD $port { ~:(?<p>\\d+)$ $p; }',
      `resolver ${server.address}; location / { proxy_pass http://app.test:$port/; }`,
      cores,
      '0',
    )
    const client = await connectRaw(t, address)
    for (let i = 0; i < 2; i++) {
      const answer = await client.request('GET', '/').answer()
      assert.equal(answer.status, 502)
      const tries = value(answer, 'x-tries')!
        .split(', ')
        .map(where => where.replace(/:\d+$/, ''))
      assert.deepEqual(tries.sort(), ['127.0.0.2', '127.0.0.3'])
    }
    client.close()
  })
}
