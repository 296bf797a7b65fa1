// Lines that are obeyed and bring back trouble: told once, with their place; not told where a flag counts before them,
// where the edge is another, where nothing is wrong.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readSite } from '../../../src/config/nginx/read-site.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'

/** The directives that are warned about, with their lines. */
function warnings(t: TestContext, text: string, flags: Record<string, string> = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'judgement-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'a.conf')
  writeFileSync(config, text)
  const resolved = resolveConfig({ flags: { config, ...flags }, env: {}, readSite })
  assert.ok('config' in resolved, JSON.stringify(resolved))
  return resolved.remarks
    .filter(({ level, message }) => level === 'warn' && message.includes('is obeyed'))
    .map(({ message, at }) => `${/^"([^"]*)" is obeyed: \S/.exec(message)?.[1]} ${at?.line}`)
}

const TROUBLE = `keepalive_timeout 65;
proxy_buffering off;
server {
  listen 127.0.0.1:8081;
  proxy_request_buffering off; proxy_read_timeout 1h;
  location / { proxy_buffering off; proxy_pass http://127.0.0.1:8000; }
}`

test('each is told once, at its first line', t => {
  assert.deepEqual(warnings(t, TROUBLE), [
    'keepalive_timeout 65 1',
    'proxy_buffering off 2',
    'proxy_request_buffering off 5',
    'proxy_read_timeout 1h 5',
  ])
})

test('the same is told of those that pass on to other apps than HTTP’s', t => {
  const text = `uwsgi_buffering off; fastcgi_request_buffering off; scgi_read_timeout 1h;
    server { listen 127.0.0.1:8081; location / { uwsgi_pass 127.0.0.1:8000; } }`
  assert.deepEqual(warnings(t, text), [
    'uwsgi_buffering off 1',
    'fastcgi_request_buffering off 1',
    'scgi_read_timeout 1h 1',
  ])
})

test('what makes an answer wait for its client, or for a rate, is told, and what is for clients is not', t => {
  const text = `proxy_limit_rate 10k; uwsgi_limit_rate 0; limit_rate 10k; proxy_max_temp_file_size 0; scgi_max_temp_file_size 1g;
    server { listen 127.0.0.1:8081; }`
  assert.deepEqual(warnings(t, text), ['proxy_limit_rate 10k 1', 'proxy_max_temp_file_size 0 1'])
})

test('what a flag says in its place is not its fault any more', t => {
  const flags = { 'keepalive-timeout': '920s', 'read-timeout': '60s', 'response-buffering': 'on' }
  assert.deepEqual(warnings(t, TROUBLE, flags), ['proxy_request_buffering off 5'])
})

test('the figures are those of the edge that is named', t => {
  assert.deepEqual(warnings(t, 'keepalive_timeout 65; server { listen 127.0.0.1:1; }', { edge: 'alb' }), [])
  assert.deepEqual(warnings(t, 'keepalive_timeout 65; server { listen 127.0.0.1:1; }', { edge: 'heroku' }), [
    'keepalive_timeout 65 1',
  ])
})

test('how long an app’s connections are kept is not the edge’s matter', t => {
  const text = 'upstream app { server 127.0.0.1:8000; keepalive 8; keepalive_timeout 60s; }'
  assert.deepEqual(
    warnings(t, `${text} server { listen 127.0.0.1:8081; location / { proxy_pass http://app; } }`),
    [],
  )
})

test('a line of a map is no directive', t => {
  const line = 'keepalive_timeout 65;'
  assert.deepEqual(warnings(t, `map $uri $a { ${line} } server { location / { return 200 $a; } }`), [])
})

test('nothing to say', t => {
  const text = `keepalive_timeout 0; proxy_read_timeout 60s; proxy_buffering on;
    server { listen 127.0.0.1:8081;
      location /ws { proxy_pass http://127.0.0.1:8000; proxy_set_header Upgrade $http_upgrade; proxy_read_timeout 1d; } }`
  assert.deepEqual(warnings(t, text), [])
})
