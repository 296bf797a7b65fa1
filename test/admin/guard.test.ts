import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asked, isLoopback, refusal } from '../../src/admin/guard.ts'

const ask = (changes: Partial<Asked> = {}): string | null =>
  refusal({
    path: '/status.json',
    host: '127.0.0.1:9180',
    origin: undefined,
    peer: '127.0.0.1',
    bound: '127.0.0.1',
    ...changes,
  })

test('a person on the machine is served under any of its local names', () => {
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:9180',
    '127.8.9.1:1',
    'localhost',
    'LocalHost:9999',
    '[::1]:9180',
    '[::1]',
  ]) {
    assert.equal(ask({ host }), null, host)
  }
  assert.equal(ask({ host: 'admin.internal:9180', bound: 'admin.internal' }), null)
  assert.equal(ask({ peer: '::1' }), null)
  assert.equal(ask({ peer: '::ffff:127.0.0.1' }), null)
})

test('a name that was made to point here is refused', () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:9180',
    '',
    undefined,
    '127.0.0.1:80@evil',
    '[::1',
    '10.0.0.5',
  ]) {
    assert.match(ask({ host }) ?? '', /Host/, String(host))
  }
})

test('a page of another origin is refused everywhere, one of this listener’s own is not', () => {
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:8080', '']) {
    assert.match(ask({ origin }) ?? '', /origin/, origin)
    assert.match(ask({ origin, path: '/metrics' }) ?? '', /origin/, origin)
  }
  assert.match(ask({ origin: 'http://evil.example', host: 'evil.example' }) ?? '', /origin/)
  assert.equal(ask({ origin: 'http://127.0.0.1:9180' }), null)
})

test('from beyond the machine only probes and metrics are served, whatever Host they give', () => {
  const far = { peer: '10.0.0.9', bound: '0.0.0.0', host: '10.0.0.5:9180' }
  for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal(ask({ ...far, path }), null, path)
  for (const path of ['/status.json', '/', '/nothing'])
    assert.match(ask({ ...far, path }) ?? '', /beyond this machine/, path)
  assert.match(ask({ ...far, host: 'localhost' }) ?? '', /beyond this machine/)
  assert.equal(ask({ peer: '10.0.0.9', path: '/healthz', host: undefined }), null)
})

test('a Unix socket is as local as can be', () => {
  const unix = { bound: null, peer: undefined }
  assert.equal(ask({ ...unix, host: 'anything' }), null)
  assert.equal(ask({ ...unix, host: undefined }), null)
})

test('loopback', () => {
  for (const address of ['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1']) {
    assert.equal(isLoopback(address), true, address)
  }
  for (const address of ['128.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost', '', '127.1', '0x7f.0.0.1']) {
    assert.equal(isLoopback(address), false, address)
  }
})
