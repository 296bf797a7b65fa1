import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBytes } from '../../../src/upstream/balance/address-bytes.ts'

test('three bytes of IPv4, sixteen of IPv6, and nothing to tell others by', () => {
  assert.deepEqual(addressBytes('192.0.2.77'), [192, 0, 2])
  assert.deepEqual(addressBytes('::1'), [...new Array(15).fill(0), 1])
  const prefix = [0x20, 0x01, 0x0d, 0xb8]
  assert.deepEqual(addressBytes('2001:db8::a:b'), [...prefix, ...new Array(8).fill(0), 0, 10, 0, 11])
  assert.deepEqual(addressBytes('2001:db8:1:2:3:4:5:6'), [...prefix, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])
  assert.deepEqual(addressBytes('fe80::1%eth0').length, 16)
  assert.deepEqual(addressBytes('::ffff:192.0.2.7').slice(10), [255, 255, 192, 0, 2, 7])
  for (const other of ['unix:', '', 'nobody']) assert.deepEqual(addressBytes(other), [0, 0, 0])
})
