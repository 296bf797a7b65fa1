import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extraOf } from '../../src/script/proxy-extras.ts'

const extra = (type: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 255]), bytes])
}

const tls = Buffer.concat([Buffer.from([7, 0, 0, 1, 2]), extra(0x21, 'TLSv1.3'), extra(0x22, 'client')])
const extras = Buffer.concat([
  extra(0x01, 'h2'),
  extra(0x02, ''),
  extra(0x20, tls),
  extra(0xea, Buffer.from([0, 255])),
  extra(0x01, 'second'),
])

const FOUND: Readonly<Record<string, string | null>> = {
  alpn: 'h2',
  '0x01': 'h2',
  '0x0001': 'h2',
  authority: '',
  ssl: tls.toString('latin1'),
  ssl_verify: '258',
  ssl_version: 'TLSv1.3',
  ssl_cn: 'client',
  ssl_0x22: 'client',
  '0xea': '\0\xff',
  '0xEA': '\0\xff',
  netns: null,
  ssl_cipher: null,
  ssl_alpn: null,
  version: null,
  '0x': null,
  '0x1ea': null,
}

for (const [name, value] of Object.entries(FOUND))
  test(`${name} is ${JSON.stringify(value)}`, () => assert.equal(extraOf(name)(extras), value))

test('what is cut off says nothing, nor what comes behind it', () => {
  for (let length = 0; length < 5; length++) assert.equal(extraOf('alpn')(extras.subarray(0, length)), null)
  const broken = Buffer.concat([Buffer.from([0x30, 255, 255]), extra(0x01, 'h2')])
  assert.equal(extraOf('alpn')(broken), null)
  assert.equal(extraOf('ssl_verify')(extra(0x20, 'abcd')), null)
})
