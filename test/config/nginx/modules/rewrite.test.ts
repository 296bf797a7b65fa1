import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readSite } from '../../../../src/config/nginx/read-site.ts'
import { checkedByNginx } from '../../../support/nginx.ts'
import { temporaryFolder } from '../../../support/owner.ts'
import { without } from '../../../support/servers.ts'
import { siteOf } from '../../../support/visit.ts'

const skip = without('nginx')

function problem(t: TestContext, server: string): string | null {
  const path = join(temporaryFolder(t), 'nginx.conf')
  writeFileSync(path, `server {\n${server}\n}`)
  return readSite({ path }).remarks.find(({ level }) => level === 'emerg')?.message ?? null
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, each) => (key === 'at' ? undefined : each))
}

test('what is written is kept in order', t => {
  const site = siteOf(
    t,
    `server {
      set $Name "a $b";
      rewrite ^/a(.*) /b$1? last;
      rewrite x y;
      location / {
        if ($name) { break; root /x; }
        return 301 /c;
      }
      location /d { return https://e/; }
      location /f { return 404; }
    }`,
  )
  const [server] = site.servers
  assert.deepEqual(withoutPlaces(server!.rewrites), [
    { op: 'set', variable: 'name', value: { text: 'a $b' } },
    { op: 'rewrite', pattern: '^/a(.*)', replacement: { text: '/b$1?' }, flag: 'last' },
    { op: 'rewrite', pattern: 'x', replacement: { text: 'y' }, flag: null },
  ])
  const [first, second, third] = server!.locations
  const [condition, last] = first!.rewrites
  assert.ok(condition?.op === 'if')
  assert.deepEqual(withoutPlaces(condition.rewrites), [{ op: 'break' }])
  assert.notEqual(condition.settings, first!.settings)
  assert.deepEqual(withoutPlaces(last), { op: 'return', status: 301, text: { text: '/c' } })
  assert.deepEqual(withoutPlaces(second!.rewrites), [
    { op: 'return', status: 302, text: { text: 'https://e/' } },
  ])
  assert.deepEqual(withoutPlaces(third!.rewrites), [{ op: 'return', status: 404, text: null }])
})

test('logging and warnings are settings like others', t => {
  const { servers } = siteOf(
    t,
    `rewrite_log on; server { uninitialized_variable_warn off; location / { rewrite_log off; } }`,
  )
  assert.equal(servers[0]!.settings.rewriteLog, true)
  assert.equal(servers[0]!.settings.warnUninitialized, false)
  assert.equal(servers[0]!.locations[0]!.settings.rewriteLog, false)
})

const LINES = [
  'rewrite a "";',
  'rewrite a b c;',
  'rewrite a;',
  'rewrite a b last x;',
  'return a;',
  'return 1000;',
  'return 99999;',
  'return -1;',
  'return 200a;',
  'return http://a b;',
  'return /a;',
  'return;',
  'return 200 a b;',
  'return "";',
  'set a b;',
  'set $a;',
  'set $ b;',
  'break x;',
  'if ($host) { if ($host) {} }',
  'if ($host) { proxy_pass http://127.0.0.1; }',
  'location / { if ($host) { root /a; set $a b; rewrite a b; return 200; break; rewrite_log on; } }',
  'return 444;',
  'return 0;',
  'return 306 "";',
  'return $scheme://a;',
  'rewrite ^ $scheme://a permanent;',
]

test('what is wrong, and what is not, as nginx has it', { skip }, t => {
  for (const line of LINES) assert.equal(problem(t, line), checkedByNginx(t, `server {\n${line}\n}`), line)
})
