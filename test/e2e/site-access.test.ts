// Who may enter a place of a file's site, how often, and what is written down about it.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { startShield } from '../support/shield.ts'

const KNOWN = `Authorization: Basic ${Buffer.from('user:password').toString('base64')}`

/** The proxy with a site of these directives in `http`, and what a file in its folder holds. */
async function site(t: TestContext, directives: string, ...args: string[]) {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'html'))
  writeFileSync(join(folder, 'html/page'), 'page')
  writeFileSync(join(folder, 'htpasswd'), 'user:$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.\n')
  const path = join(folder, 'site.conf')
  writeFileSync(path, directives)
  const shield = await startShield(t, { upstream: [], args: ['-c', path, ...args] })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const lines = async (name: string, count: number) => {
    const giveUp = performance.now() + 10_000
    for (;;) {
      const found = read(name).trimEnd().split('\n')
      if (found.length >= count && found[0] !== '') return found
      assert.ok(performance.now() < giveUp, `${name} has ${found.length} lines`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { shield, folder, read, lines }
}

test('addresses and passwords decide who enters, and the logs tell', async t => {
  const { shield, lines } = await site(
    t,
    `log_format own '$uri $status $remote_user'; access_log access.log own; error_log error.log info;
     server { server_name a.test; root html;
       location /denied { deny 127.0.0.1; }
       location /page { auth_basic "closed"; auth_basic_user_file htpasswd; }
       location /quiet { access_log off; return 204; } }`,
  )
  assert.equal((await shield.get('/denied')).status, 403)
  const asked = await shield.get('/page')
  assert.equal(asked.status, 401)
  assert.equal(value(asked, 'www-authenticate'), 'Basic realm="closed"')
  assert.equal((await shield.get('/page', KNOWN)).body.toString(), 'page')
  assert.equal((await shield.get('/quiet')).status, 204)
  assert.deepEqual(await lines('access.log', 3), ['/denied 403 -', '/page 401 -', '/page 200 user'])
  const errors = await lines('error.log', 2)
  assert.match(
    errors[0]!,
    /^[\d/]{10} [\d:]{8} \[error\] (\d+)#\1: \*\d+ access forbidden by rule, client: 127\.0\.0\.1, server: a\.test, request: "GET \/denied HTTP\/1\.1", host: "/,
  )
  assert.match(errors[1]!, /\[info\] .* no user\/password was provided for basic authentication, client:/)
})

for (const cores of ['1', '2']) {
  test(`a limit is one limit with --cores ${cores}`, async t => {
    const { shield } = await site(
      t,
      `limit_req_zone all zone=one:1m rate=1r/m; access_log off; error_log error.log crit;
       server { limit_req zone=one burst=3 nodelay; limit_req_status 429; root html; }`,
      '--cores',
      cores,
    )
    const statuses: number[] = []
    for (let at = 0; at < 12; at++) statuses.push((await shield.get('/page')).status)
    assert.deepEqual(statuses, [...new Array(4).fill(200), ...new Array(8).fill(429)])
  })
}

test('USR1 opens the logs again', async t => {
  const { shield, folder, read, lines } = await site(
    t,
    `log_format own '$uri'; access_log access.log own; server { root html; }`,
  )
  await shield.get('/page')
  await lines('access.log', 1)
  renameSync(join(folder, 'access.log'), join(folder, 'access.log.1'))
  shield.signal('SIGUSR1')
  const giveUp = performance.now() + 10_000
  for (let found = false; !found; ) {
    assert.ok(performance.now() < giveUp, 'no new log')
    await shield.get('/page')
    try {
      found = read('access.log') !== ''
    } catch {
      // Not yet opened.
    }
  }
  assert.match(read('access.log.1'), /^(?:\/page\n)+$/)
})

test('a refused upstream is answered for, and the connection goes on', async t => {
  const { shield } = await site(
    t,
    'access_log off; server { root html; location /up { proxy_pass http://127.0.0.1:1; } }',
    '--hold',
    '0',
  )
  const client = await shield.connect()
  client.send('GET /up HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.answer()).status, 502)
  client.send('GET /page HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.answer()).status, 200)
})
