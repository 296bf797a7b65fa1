import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('the measures of compression are read as zlib has them', t => {
  const { settings } = siteOf(
    t,
    `server {
      gzip on; gzip_comp_level 6; gzip_min_length 1k; gzip_window 4k; gzip_hash 16k; gzip_vary on;
      gzip_http_version 1.0; gzip_buffers 4 8k; gzip_no_buffer on; postpone_gzipping 1000;
      gunzip on; gunzip_buffers 4 8k;
    }`,
  ).servers[0]!
  const { gzip, gzipLevel, gzipMinLength, gzipWindowBits, gzipMemLevel, gzipVary, gzipVersion, gunzip } =
    settings
  assert.deepEqual(
    [gzip, gzipLevel, gzipMinLength, gzipWindowBits, gzipMemLevel, gzipVary, gzipVersion, gunzip],
    [true, 6, 1024, 12, 6, true, '1.0', true],
  )
})

test('without a word, nothing is compressed, and if at all, for HTTP/1.1 and without proxies', t => {
  const { settings } = siteOf(t, 'server { }').servers[0]!
  const { gzip, gzipLevel, gzipMinLength, gzipWindowBits, gzipMemLevel, gzipProxied } = settings
  assert.deepEqual(
    [gzip, gzipLevel, gzipMinLength, gzipWindowBits, gzipMemLevel, gzipProxied],
    [false, 1, 20, 15, 8, ['off']],
  )
})

test('lines of one block add up where nginx adds them up', t => {
  const { settings } = siteOf(
    t,
    'server { gzip_proxied expired auth; gzip_proxied Any; gzip_disable msie6; gzip_disable "a b" c; }',
  ).servers[0]!
  assert.deepEqual(settings.gzipProxied, ['expired', 'auth', 'any'])
  assert.deepEqual(settings.gzipDisable, [
    { kind: 'msie6' },
    { kind: 'regex', pattern: 'a b', caseless: true },
    { kind: 'regex', pattern: 'c', caseless: true },
  ])
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'gzip_window 3k': '"gzip_window" directive must be 512, 1k, 2k, 4k, 8k, 16k, or 32k',
    'gzip_hash 7': '"gzip_hash" directive must be 512, 1k, 2k, 4k, 8k, 16k, 32k, 64k, or 128k',
    'gzip_hash x': '"gzip_hash" directive invalid value',
    'gzip_comp_level 12': 'value must be between 1 and 9',
    'gzip_comp_level x': '"gzip_comp_level" directive invalid number',
    'gzip_proxied foo': 'invalid value "foo"',
  }
  for (const [line, problem] of Object.entries(wrong)) {
    assert.deepEqual(problems(t, `server { ${line}; }`), [problem], line)
  }
})
