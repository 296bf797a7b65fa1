import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readText, siteOf } from '../read-text.ts'

test('who is believed, and which field', () => {
  const { servers } = siteOf(`
    set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;
    server { location / { } location /p { set_real_ip_from unix:; set_real_ip_from lb.internal; real_ip_header proxy_protocol; } }`)
  const [root, proxied] = servers[0]!.locations.map(({ settings }) => settings)
  assert.deepEqual(root!.realIpHeader, { kind: 'field', name: 'x-forwarded-for' })
  assert.equal(root!.realIpRecursive, true)
  assert.equal(root!.realIpFrom.length, 1)
  assert.deepEqual(proxied!.realIpFrom, ['unix', { name: 'lb.internal' }])
  assert.deepEqual(proxied!.realIpHeader, { kind: 'proxy protocol' })
})

test('nothing said is the field X-Real-IP, from nobody', () => {
  const { settings } = siteOf('server { }').servers[0]!
  assert.deepEqual(settings.realIpHeader, { kind: 'field', name: 'x-real-ip' })
  assert.deepEqual(settings.realIpFrom, [])
})

test('what cannot be an address or a name is refused', () => {
  assert.deepEqual(readText('set_real_ip_from 10.0.0.0/40;\nserver {}').remarks, [
    'emerg: invalid parameter "10.0.0.0/40" :1',
  ])
  assert.deepEqual(readText('set_real_ip_from 10.0.0.1/8;\nserver {}').remarks, [
    'warn: low address bits of 10.0.0.1/8 are meaningless :1',
  ])
})
