import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildOptions } from '../../../src/config/nginx/build-options.ts'

test('what is supported is told as built in, and what is not as left out', () => {
  const options = buildOptions()
  for (const name of ['ssl', 'realip', 'sub', 'auth_request', 'stub_status'])
    assert.ok(options.includes(`--with-http_${name}_module`), `${name}: ${options.join(' ')}`)
  assert.ok(options.includes('--without-http_grpc_module'), options.join(' '))
  assert.ok(!options.includes('--without-http-cache'))
  for (const name of ['proxy', 'fastcgi', 'uwsgi', 'scgi', 'memcached', 'rewrite', 'map', 'limit_req'])
    assert.ok(!options.some(option => option.includes(`http_${name}_module`)), name)
  assert.ok(!options.includes('--with-http_v2_module'), 'HTTP/2 is not spoken')
})
