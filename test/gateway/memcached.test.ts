import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memcachedKey, memcachedRequest, readMemcachedLine } from '../../src/gateway/memcached.ts'
import { GatewayError } from '../../src/gateway/params.ts'
import { ProtocolError } from '../../src/http1/protocol-error.ts'

test('what would end a key is escaped, and nothing else', () => {
  assert.equal(memcachedRequest(memcachedKey('/a?b=c&d')), 'get /a?b=c&d\r\n')
  assert.equal(memcachedKey('a b%c\r\nset x'), 'a%20b%25c%0D%0Aset%20x')
  assert.equal(memcachedKey('\x00\x1f\x7f\xe4'), '%00%1F\x7f\xe4')
  assert.throws(() => memcachedKey(''), new GatewayError('the "$memcached_key" variable is not set'))
})

test('a value, or none', () => {
  assert.deepEqual(readMemcachedLine('VALUE k 5 12\r\n', 'k', true), { flags: 5, length: 12 })
  assert.deepEqual(readMemcachedLine('VALUE k x 0\r\n', 'k', false), { flags: 0, length: 0 })
  assert.equal(readMemcachedLine('END\r\n', 'k', true), null)
})

test('what is neither is said in nginx’s words', () => {
  const wrong: Record<string, string> = {
    'HELLO\r\n': 'memcached sent invalid response: "HELLO"',
    'END\n': 'memcached sent invalid response: "END"',
    '\n': 'memcached sent invalid response: ""',
    'VALUE other 0 1\r\n': 'memcached sent invalid key in response "VALUE other 0 1" for key "k"',
    'VALUE kk 0 1\r\n': 'memcached sent invalid response: "VALUE kk 0 1"',
    'VALUE k 0\r\n': 'memcached sent invalid response: "VALUE k 0"',
    'VALUE k x 1\r\n': 'memcached sent invalid flags in response "VALUE k x 1" for key "k"',
    'VALUE k 0 x\r\n': 'memcached sent invalid length in response "VALUE k 0 x" for key "k"',
    'VALUE k 0 1 2\r\n': 'memcached sent invalid length in response "VALUE k 0 1 2" for key "k"',
    'VALUE k 0 -1\r\n': 'memcached sent invalid length in response "VALUE k 0 -1" for key "k"',
  }
  for (const [line, detail] of Object.entries(wrong))
    assert.throws(
      () => readMemcachedLine(line, 'k', true),
      error => error instanceof ProtocolError && error.detail === detail,
      line,
    )
})
