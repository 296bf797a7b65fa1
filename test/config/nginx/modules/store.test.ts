import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('answers go where the URI does, to a path, or nowhere; what a block says holds within it', t => {
  const { servers } = siteOf(
    t,
    `server {
      proxy_store on; proxy_store_access all:r;
      location /a { proxy_pass http://127.0.0.1:1; }
      location /b { proxy_pass http://127.0.0.1:1; proxy_store /data$uri; }
      location /c { proxy_pass http://127.0.0.1:1; proxy_store off; }
      location /d { uwsgi_pass 127.0.0.1:1; }
      location /e { uwsgi_pass 127.0.0.1:1; uwsgi_store on; uwsgi_store_access group:r; }
    }`,
  )
  const found = servers[0]!.locations.map(({ settings: { store, storeAccess } }) => [
    typeof store === 'string' || store === null ? store : store.text,
    storeAccess.toString(8),
  ])
  assert.deepEqual(found, [
    ['mapped', '604'],
    ['/data$uri', '604'],
    [null, '604'],
    [null, '600'],
    ['mapped', '640'],
  ])
})

test('a block that has a cache does not get the store around it, nor the other way round', t => {
  const { servers } = siteOf(
    t,
    `proxy_cache_path /tmp/x keys_zone=one:1m;
    server { proxy_store on;
      location /a { proxy_pass http://127.0.0.1:1; proxy_cache one; }
      location /b { proxy_pass http://127.0.0.1:1; proxy_cache off; } }
    server { proxy_cache one; fastcgi_cache one; fastcgi_cache_key a;
      location /a { proxy_pass http://127.0.0.1:1; proxy_store on; }
      location /b { fastcgi_pass 127.0.0.1:1; fastcgi_store on; }
      location /c { proxy_pass http://127.0.0.1:1; proxy_store off; } }`,
  )
  const found = servers.map(({ locations }) =>
    locations.map(({ settings: { store, cache } }) => [store !== null, cache !== null]),
  )
  assert.deepEqual(found, [
    [
      [false, true],
      [true, false],
    ],
    [
      [true, false],
      [true, false],
      [false, true],
    ],
  ])
})

test('what is wrong is said in nginx’s words', t => {
  const cache = 'proxy_cache_path /tmp/x keys_zone=one:1m;'
  const wrong = {
    'proxy_store on; proxy_cache one;': '"proxy_cache" directive is incompatible with "proxy_store"',
    'proxy_cache one; proxy_store /a;': '"proxy_store" directive is incompatible with "proxy_cache"',
    'scgi_store on; scgi_cache one; scgi_cache_key a;':
      '"scgi_cache" directive is incompatible with "scgi_store"',
    'proxy_store "";': 'empty path',
    'proxy_store_access user:x;': 'invalid value "user:x"',
  }
  for (const [line, problem] of Object.entries(wrong))
    assert.deepEqual(problems(t, `${cache} server { ${line} }`), [problem], line)
  for (const line of ['proxy_store off; proxy_cache one;', 'proxy_store on; proxy_cache off;'])
    assert.deepEqual(problems(t, `${cache} server { ${line} }`), [], line)
})
