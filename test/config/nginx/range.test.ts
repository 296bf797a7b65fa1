import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import { isWithin, mappedAddress, readAddress, readRange } from '../../../src/config/nginx/range.ts'

function within(range: string, address: string): boolean {
  return isWithin(readRange(range)!.range, readAddress(address)!)
}

test('addresses lie in ranges of their own family', () => {
  for (const [range, inside, outside] of [
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.0'],
    ['192.168.1.128/25', '192.168.1.200', '192.168.1.127'],
    ['0.0.0.0/0', '255.255.255.255', '::1'],
    ['127.0.0.1', '127.0.0.1', '127.0.0.2'],
    ['255.0.0.0/1', '128.0.0.1', '127.255.255.255'],
    ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::'],
    ['fe80::/10', 'febf::1%eth0', 'fec0::'],
    ['::/0', 'ffff::', '1.2.3.4'],
    ['::1', '::1', '::2'],
    ['2001:db8::1:0/112', '2001:db8::1:ffff', '2001:db8::2:0'],
  ] as const) {
    assert.ok(within(range, inside), `${inside} in ${range}`)
    assert.ok(!within(range, outside), `${outside} in ${range}`)
  }
})

test('bits beyond the prefix are cleared, and it is said', () => {
  assert.equal(readRange('10.1.2.3/8')!.masked, true)
  assert.equal(readRange('10.0.0.0/8')!.masked, false)
  assert.equal(readRange('2001:db8::1/64')!.masked, true)
  assert.ok(within('10.1.2.3/8', '10.9.9.9'))
})

test('only addresses are read as such, by the judgement of node:net', () => {
  const texts = [
    '1.2.3.4',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1..2.3',
    '.1.2.3',
    '1.2.3.',
    '',
    ':',
    '::',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::',
    '1:2:3:4:5:6:1.2.3.4',
    '::ffff:1.2.3.4',
    '::ffff:1.2.3.400',
    '1.2.3.4::',
    '12345::',
    'g::',
    '1:',
    ':1',
    'a.b.c.d',
  ]
  for (const text of texts) assert.equal(readAddress(text) !== null, isIP(text) !== 0, text)
  for (const range of ['1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/-1', '/8', 'all']) {
    assert.equal(readRange(range), null, range)
  }
})

test('an IPv4 address within one of IPv6 is found', () => {
  assert.deepEqual(mappedAddress(readAddress('::ffff:1.2.3.4')!), readAddress('1.2.3.4'))
  assert.equal(mappedAddress(readAddress('::1.2.3.4')!), null)
  assert.equal(mappedAddress(readAddress('1.2.3.4')!), null)
})
