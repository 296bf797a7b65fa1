// Ranges of trust: read strictly, since one too wide lets strangers say who they are.

import assert from 'node:assert/strict'
import { BlockList, isIPv4 } from 'node:net'
import { test } from 'node:test'
import { PRESETS, readCidrs } from '../../src/config/cidrs.ts'
import { CLOUDFLARE_RANGES } from '../../src/config/cloudflare-ranges.ts'

const cases: [text: string, expected: readonly string[] | RegExp][] = [
  ['10.0.0.0/8', ['10.0.0.0/8']],
  ['192.0.2.7', ['192.0.2.7/32']],
  ['0.0.0.0/0', ['0.0.0.0/0']],
  ['fd00::/8', ['fd00::/8']],
  ['2001:DB8::1', ['2001:db8::1/128']],
  ['::/0', ['::/0']],
  ['::ffff:10.0.0.1', ['::ffff:10.0.0.1/128']],
  ['cloudflare', CLOUDFLARE_RANGES],
  ['Loopback', ['127.0.0.0/8', '::1/128']],
  ['10.1.2.3/8', /write 10\.0\.0\.0\/8 for the range, or 10\.1\.2\.3 for the one address$/],
  ['fd00::1/8', /write fd00::\/8 for the range/],
  ['2001:db8:0:1::/32', /write 2001:db8::\/32 for the range/],
  ['10.0.0.0/33', /prefix length from 0 to 32/],
  ['fd00::/129', /prefix length from 0 to 128/],
  ['10.0.0.0/', /prefix length/],
  ['10.0.0.0/-1', /prefix length/],
  ['10.0.0.0/8/8', /prefix length/],
  ['10.0.0', /^must be an address or a range/],
  ['fe80::1%eth0', /^must be an address or a range/],
  ['example.com', /^must be an address or a range .* one of loopback, private, cloudflare$/],
  ['constructor', /^must be an address or a range/],
  ['', /^must be an address or a range/],
]
for (const [text, expected] of cases) {
  test(`the range ${JSON.stringify(text)}`, () => {
    const read = readCidrs(text)
    if (expected instanceof RegExp)
      assert.match('allowed' in read ? read.allowed : `accepted as ${read.value}`, expected)
    else assert.deepEqual(read, { value: expected })
  })
}

test('every range of every set is one that could be written by hand', () => {
  for (const range of Object.values(PRESETS).flat()) assert.deepEqual(readCidrs(range), { value: [range] })
})

test('every range can be matched by Node', () => {
  const list = new BlockList()
  for (const range of Object.values(PRESETS).flat()) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  assert.ok(list.check('104.16.0.1') && list.check('2606:4700::1', 'ipv6') && !list.check('8.8.8.8'))
})

test('Cloudflare publishes 15 IPv4 and 7 IPv6 ranges', () => {
  const v4 = CLOUDFLARE_RANGES.filter(range => isIPv4(range.split('/')[0] ?? ''))
  assert.deepEqual(
    [v4.length, CLOUDFLARE_RANGES.length - v4.length, new Set(CLOUDFLARE_RANGES).size],
    [15, 7, 22],
  )
})
