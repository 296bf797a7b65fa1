// The PROXY protocol's header in both versions: read as far as it goes, waited for while it may still come, refused when
// it cannot be one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProxyHeader } from '../../src/listen/proxy-header.ts'

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'
const binary = (command: number, family: number, body: number[]): Buffer =>
  Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    Buffer.from([command, family, body.length >> 8, body.length & 255, ...body]),
  ])
const read = (text: string | Buffer) =>
  readProxyHeader(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)

const v4 = { peer: '192.0.2.1', peerPort: 56324, localAddress: '192.0.2.2', localPort: 443 }
const line = 'PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n'
const v4Body = [192, 0, 2, 1, 192, 0, 2, 2, 0xdc, 0x04, 0x01, 0xbb]

test('version 1, with what follows left alone', () => {
  assert.deepEqual(read(`${line}GET / HTTP/1.1\r\n`), { proxied: v4, length: line.length })
  assert.deepEqual(read('PROXY TCP6 2001:db8::1 ::1 1 2\r\n')?.proxied, {
    peer: '2001:db8::1',
    peerPort: 1,
    localAddress: '::1',
    localPort: 2,
  })
})

test('version 1 of a proxy that does not know', () => {
  assert.deepEqual(read('PROXY UNKNOWN ffff::1 whatever\r\n')?.proxied, null)
})

test('version 2, with what follows its addresses', () => {
  assert.deepEqual(read(binary(0x21, 0x11, v4Body)), { proxied: v4, length: 28 })
  const extras = [4, 0, 1, 7]
  const more = { ...v4, extras: Buffer.from(extras) }
  assert.deepEqual(read(binary(0x21, 0x11, [...v4Body, ...extras])), { proxied: more, length: 32 })
  const v6 = [0x20, 0x01, 0x0d, 0xb8, ...new Array(11).fill(0), 1]
  assert.deepEqual(read(binary(0x21, 0x21, [...v6, ...v6, 0, 9, 0, 8]))?.proxied, {
    peer: '2001:db8::1',
    peerPort: 9,
    localAddress: '2001:db8::1',
    localPort: 8,
  })
})

test('version 2 of the proxy’s own connection, and of families that say nothing of use', () => {
  for (const header of [binary(0x20, 0x00, []), binary(0x21, 0x31, [1, 2]), binary(0x20, 0x11, v4Body)])
    assert.deepEqual(read(header), { proxied: null, length: header.length })
})

test('however it is cut, the rest is waited for', () => {
  for (const whole of [Buffer.from(line), binary(0x21, 0x11, v4Body)])
    for (let length = 1; length < whole.length; length++)
      assert.equal(read(whole.subarray(0, length)), null, `${length} bytes`)
})

for (const text of [
  'GET / HTTP/1.1\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 x\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 56324 65536\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 056 443\r\n',
  'PROXY TCP4 ::1 192.0.2.2 56 443\r\n',
  'PROXY TCP6 192.0.2.1 192.0.2.2 56 443\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n',
  'PROXY  TCP4 192.0.2.1 192.0.2.2 56324 443\r\n',
  `PROXY UNKNOWN ${'x'.repeat(100)}`,
]) {
  test(`refused: ${JSON.stringify(text.slice(0, 60))}`, () => assert.throws(() => read(text), /PROXY/))
}

test('a version that is not known, a command that is none, a header without end', () => {
  for (const header of [
    binary(0x31, 0x11, v4Body),
    binary(0x22, 0x11, v4Body),
    binary(0x21, 0x11, v4Body.slice(2)),
    binary(0x21, 0x11, new Array(5_000).fill(0)).subarray(0, 16),
  ])
    assert.throws(() => read(header), /PROXY/)
})
