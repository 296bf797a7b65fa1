import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../src/gateway/params.ts'
import { uwsgiHead } from '../../src/gateway/uwsgi.ts'

const PLAIN = { modifier1: 0, modifier2: 0, after: '' }

test('four bytes, then each name and value with its length in two, the low one first', () => {
  assert.equal(
    uwsgiHead(
      [
        ['A', 'bc'],
        ['LONG', 'x'.repeat(300)],
      ],
      PLAIN,
    ),
    `\0\x3b\x01\0\x01\0A\x02\0bc\x04\0LONG\x2c\x01${'x'.repeat(300)}`,
  )
  assert.equal(uwsgiHead([], PLAIN), '\0\0\0\0')
  assert.equal(uwsgiHead([['A', '']], PLAIN), '\0\x05\0\0\x01\0A\0\0')
})

test('modifiers stand around the length, and what is to follow behind the parameters', () => {
  assert.equal(
    uwsgiHead([['A', 'b']], { modifier1: 5, modifier2: 255, after: 'tail' }),
    '\x05\x0a\0\xff\x01\0A\x01\0btail',
  )
})

test('every byte of a value is a byte on the wire', () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
  const head = Buffer.from(uwsgiHead([['A', all]], PLAIN), 'latin1')
  assert.deepEqual(head.subarray(9), Buffer.from(all, 'latin1'))
})

test('a packet is full at 65,535 bytes', () => {
  const room = 0xffff - 5
  assert.equal(uwsgiHead([['A', 'x'.repeat(room)]], PLAIN).slice(0, 4), '\0\xff\xff\0')
  for (const more of [1, 70_000]) {
    assert.throws(
      () => uwsgiHead([['A', 'x'.repeat(room + more)]], PLAIN),
      (error: unknown) => {
        assert.ok(error instanceof GatewayError)
        assert.match(error.message, /^uwsgi request is too big: \d+ bytes, and a packet has room for 65535$/)
        return true
      },
    )
  }
  assert.throws(() => uwsgiHead([['A', 'x'.repeat(room)]], { ...PLAIN, after: 'y' }), GatewayError)
})
