import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkScripts } from '../../../../src/script/check-scripts.ts'
import { problems, siteOf } from '../reading.ts'

test('a place that asks memcached says where, and has its own words for what may be asked of another server', t => {
  const { servers } = siteOf(
    t,
    `server {
      memcached_gzip_flag 2; memcached_next_upstream not_found invalid_response; proxy_read_timeout 1s; proxy_store on;
      location / { set $memcached_key $uri; memcached_pass 127.0.0.1:11211; memcached_read_timeout 5s; }
    }`,
  )
  const { pass, memcachedGzipFlag, nextUpstream, readTimeout, interceptErrors, passRequestBody, store } =
    servers[0]!.locations[0]!.settings as unknown as Record<string, unknown>
  assert.deepEqual((pass as { family: string; host: string }).family, 'memcached')
  assert.deepEqual(
    { memcachedGzipFlag, nextUpstream, readTimeout, interceptErrors, passRequestBody, store },
    {
      memcachedGzipFlag: 2,
      nextUpstream: ['http_404', 'invalid_header'],
      readTimeout: 5_000,
      interceptErrors: true,
      passRequestBody: false,
      store: null,
    },
  )
})

test('what is asked is no app: it takes many at once and is not waited for, unless its own block says so', t => {
  const { groups } = siteOf(
    t,
    `shield_workers 4; shield_hold 10s; shield_queue_size 7;
     upstream store { server 127.0.0.1:11211; shield_workers 8; }
     server { set $memcached_key a;
       location / { memcached_pass 127.0.0.1:11212; }
       location /a { memcached_pass store; }
       location /b { proxy_pass http://127.0.0.1:8000; } }`,
  )
  const found = groups.map(({ name, isStore, shield: { workers, hold } }) => [name, isStore, workers, hold])
  assert.deepEqual(found, [
    ['store', true, 8, 0],
    ['127.0.0.1:11212', true, null, 0],
    ['127.0.0.1:8000', undefined, 4, 10_000],
  ])
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'memcached_pass localhost;': 'no port in upstream "localhost"',
    'memcached_next_upstream http_404;': 'invalid value "http_404"',
    'memcached_gzip_flag x;': '"memcached_gzip_flag" directive invalid number',
  }
  for (const [line, problem] of Object.entries(wrong))
    assert.deepEqual(problems(t, `server { set $memcached_key a; location / { ${line} } }`), [problem], line)
  const site = siteOf(t, 'server { location / { memcached_pass 127.0.0.1:1; } }')
  assert.deepEqual(
    checkScripts(site).map(({ message }) => message),
    ['unknown "memcached_key" variable'],
  )
})
