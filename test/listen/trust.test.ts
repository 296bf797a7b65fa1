import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRESETS } from '../../src/config/cidrs.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { isPrivate, normaliseAddress, Trust } from '../../src/listen/trust.ts'

/** An address out of Cloudflare's published ranges, for each family. */
const CF = '104.16.0.9'
const CF6 = '2606:4700::9'
const trust = new Trust([
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '104.16.0.0/13',
  '2606:4700::/32',
  'fd00::/8',
])

function fields(lines: string[]): HeaderList {
  const headers = new HeaderList()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.add(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return headers
}

/** Who the client is by these fields, from that peer. */
function client(peer: string, ...lines: string[]): string {
  return trust.identify(peer, trust.believes(peer), false, fields(lines)).client
}

const table: Record<string, [peer: string, lines: string[], client: string]> = {
  'a stranger is whom it is': ['203.0.113.9', ['X-Forwarded-For: 1.1.1.1'], '203.0.113.9'],
  'a stranger with an IPv6 address too': ['2001:db8::9', ['X-Forwarded-For: 1.1.1.1'], '2001:db8::9'],
  'a trusted peer without a chain is the client': ['10.0.0.1', [], '10.0.0.1'],
  'one hop': ['10.0.0.1', ['X-Forwarded-For: 198.51.100.7'], '198.51.100.7'],
  'the rightmost that is not trusted': [
    '10.0.0.1',
    ['X-Forwarded-For: 6.6.6.6, 198.51.100.7, 10.0.0.3, 10.0.0.2'],
    '198.51.100.7',
  ],
  'a chain in two fields': [
    '10.0.0.1',
    ['X-Forwarded-For: 6.6.6.6, 198.51.100.7', 'X-Forwarded-For: 10.0.0.2'],
    '198.51.100.7',
  ],
  'a chain of trusted hops only: the leftmost': [
    '10.0.0.1',
    ['X-Forwarded-For: 10.0.0.4, 10.0.0.3'],
    '10.0.0.4',
  ],
  'white space in the chain': ['10.0.0.1', ['X-Forwarded-For:  198.51.100.7 ,\t10.0.0.2 '], '198.51.100.7'],
  'a port behind an address': ['10.0.0.1', ['X-Forwarded-For: 198.51.100.7:4711'], '198.51.100.7'],
  'IPv6 in the chain': ['10.0.0.1', ['X-Forwarded-For: 2001:db8::7, fd00::2'], '2001:db8::7'],
  'IPv6 with a port': ['10.0.0.1', ['X-Forwarded-For: [2001:db8::7]:4711'], '2001:db8::7'],
  'IPv6 in brackets': ['10.0.0.1', ['X-Forwarded-For: [2001:db8::7]'], '2001:db8::7'],
  'a mapped address': ['10.0.0.1', ['X-Forwarded-For: 198.51.100.7, ::ffff:10.0.0.2'], '198.51.100.7'],
  'a client in IPv6’s words for IPv4': [
    '10.0.0.1',
    ['X-Forwarded-For: ::FFFF:198.51.100.7, ::ffff:a00:2'],
    '198.51.100.7',
  ],
  'IPv6 in capitals and in full': ['10.0.0.1', ['X-Forwarded-For: 2001:0DB8:0:0:0:0:0:7'], '2001:db8::7'],
  'junk where a trusted hop was expected': [
    '10.0.0.1',
    ['X-Forwarded-For: 1.1.1.1, unknown, 10.0.0.2'],
    '10.0.0.2',
  ],
  'nothing but junk': ['10.0.0.1', ['X-Forwarded-For: <script>'], '10.0.0.1'],
  'an empty chain': ['10.0.0.1', ['X-Forwarded-For: '], '10.0.0.1'],
  'an empty last member': ['10.0.0.1', ['X-Forwarded-For: 198.51.100.7, '], '10.0.0.1'],
  'an octet too large': ['10.0.0.1', ['X-Forwarded-For: 198.51.100.700'], '10.0.0.1'],
  octal: ['10.0.0.1', ['X-Forwarded-For: 010.0.0.5'], '10.0.0.1'],
  'a Unix socket': ['unix:', ['X-Forwarded-For: 198.51.100.7'], '198.51.100.7'],
  'a Unix socket without a chain': ['unix:', [], 'unix:'],
  'a chain far too long': [
    '10.0.0.1',
    [`X-Forwarded-For: 198.51.100.7${', 10.0.0.2'.repeat(100)}`],
    '10.0.0.2',
  ],
  'Cloudflare as the peer': [
    CF,
    ['CF-Connecting-IP: 198.51.100.8', 'X-Forwarded-For: 198.51.100.8'],
    '198.51.100.8',
  ],
  'Cloudflare over IPv6': [CF6, ['CF-Connecting-IP: 2001:db8::8'], '2001:db8::8'],
  'Cloudflare behind a trusted balancer': [
    '10.0.0.1',
    [`X-Forwarded-For: 198.51.100.8, ${CF}`, 'CF-Connecting-IP: 198.51.100.9'],
    '198.51.100.9',
  ],
  'Cloudflare behind a hop that is not trusted': [
    '10.0.0.1',
    [`X-Forwarded-For: 1.1.1.1, ${CF}, 198.51.100.7`, 'CF-Connecting-IP: 6.6.6.6'],
    '198.51.100.7',
  ],
  'a trusted peer that is not Cloudflare': [
    '10.0.0.1',
    ['X-Forwarded-For: 198.51.100.7', 'CF-Connecting-IP: 6.6.6.6'],
    '198.51.100.7',
  ],
  'Cloudflare only to the left of the client': [
    '10.0.0.1',
    [`X-Forwarded-For: ${CF}, 198.51.100.7, 10.0.0.2`, 'CF-Connecting-IP: 6.6.6.6'],
    '198.51.100.7',
  ],
  'a stranger that speaks as Cloudflare': ['203.0.113.9', ['CF-Connecting-IP: 6.6.6.6'], '203.0.113.9'],
  'Cloudflare with junk': [CF, ['CF-Connecting-IP: me', 'X-Forwarded-For: 198.51.100.7'], '198.51.100.7'],
}
for (const [name, [peer, lines, expected]] of Object.entries(table)) {
  test(`the client: ${name}`, () => {
    assert.equal(client(peer, ...lines), expected)
  })
}

test('Cloudflare’s own ranges count for nothing where they are not trusted', () => {
  const few = new Trust(['127.0.0.0/8'])
  assert.equal(few.believes(CF), false)
  const headers = fields([`X-Forwarded-For: 1.1.1.1, ${CF}`, 'CF-Connecting-IP: 6.6.6.6'])
  assert.equal(few.identify('127.0.0.1', true, false, headers).client, CF)
})

for (const [peer, believed] of [
  ['127.0.0.1', true],
  ['127.255.0.1', true],
  ['10.255.255.255', true],
  ['11.0.0.0', false],
  ['::1', true],
  ['::2', false],
  ['fd12::1', true],
  ['fe80::1', false],
  ['unix:', true],
  ['', false],
  ['localhost', false],
] as const) {
  test(`the peer ${peer === '' ? 'without an address' : peer} is ${believed ? '' : 'not '}believed`, () => {
    assert.equal(trust.believes(peer), believed)
  })
}

test('a range without a length is one address, and no range is nobody but local processes', () => {
  assert.deepEqual(
    ['192.0.2.7', '192.0.2.8', '2001:db8::1', '2001:db8::2'].map(peer =>
      new Trust(['192.0.2.7', '2001:db8::1']).believes(peer),
    ),
    [true, false, true, false],
  )
  assert.deepEqual(
    ['127.0.0.1', 'unix:'].map(peer => new Trust([]).believes(peer)),
    [false, true],
  )
})

for (const [trusted, secure, value, proto] of [
  [true, false, 'https', 'https'],
  [true, false, 'HTTPS', 'https'],
  [true, false, ' http , https ', 'https'],
  [true, true, 'http', 'http'],
  [true, false, 'wss', 'https'],
  [true, true, 'ws', 'http'],
  [true, true, 'gopher', 'https'],
  [true, false, 'https://', 'http'],
  [true, false, '', 'http'],
  [true, true, null, 'https'],
  [true, false, null, 'http'],
  [false, false, 'https', 'http'],
  [false, true, 'http', 'https'],
] as const) {
  const who = trusted ? 'a trusted peer' : 'a stranger'
  test(`${who} by ${secure ? 'TLS' : 'plain TCP'} with X-Forwarded-Proto ${value === null ? 'absent' : `"${value}"`} came by ${proto}`, () => {
    const headers = fields(value === null ? [] : [`X-Forwarded-Proto: ${value}`])
    const origin = trust.identify(trusted ? '10.0.0.1' : '203.0.113.9', trusted, secure, headers)
    assert.deepEqual([origin.proto, origin.trusted], [proto, trusted])
  })
}

for (const [address, normal] of [
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:1', '::ffff:1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['::FFFF:C000:0201%eth0', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['0000::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:255.255.255.255', '255.255.255.255'],
  ['::ffff:0:192.0.2.1', '::ffff:0:c000:201'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['2001:0db8::0001%1', '2001:db8::1'],
  ['::', '::'],
  ['1::ffff:192.0.2.1', '1::ffff:c000:201'],
] as const) {
  test(`${address} is written ${normal}`, () => {
    assert.equal(normaliseAddress(address), normal)
  })
}

test('private addresses are those of private networks and of this machine', () => {
  for (const address of [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '127.0.0.1',
    '::1',
    'fd00::1',
    'unix:',
  ])
    assert.equal(isPrivate(address), true, address)
  for (const address of ['172.32.0.1', '11.0.0.1', '8.8.8.8', '2001:db8::1', ''])
    assert.equal(isPrivate(address), false, address)
})

const behindFly = new Trust([...(PRESETS.private ?? []), CF], 'fly-client-ip')

for (const [name, lines, expected] of [
  [
    'the field that the edge sets',
    ['Fly-Client-IP: 198.51.100.7', 'X-Forwarded-For: 6.6.6.6'],
    '198.51.100.7',
  ],
  ['junk in it', ['Fly-Client-IP: me', 'X-Forwarded-For: 198.51.100.7'], '198.51.100.7'],
  [
    'another trusted edge in front of it',
    [`Fly-Client-IP: ${CF}`, `X-Forwarded-For: 198.51.100.7, ${CF}`],
    '198.51.100.7',
  ],
] as const) {
  test(`the client behind an edge with a field of its own: ${name}`, () => {
    assert.equal(behindFly.identify('172.16.0.2', true, false, fields([...lines])).client, expected)
  })
}

test('an edge’s own field counts from a trusted peer only', () => {
  const headers = fields(['Fly-Client-IP: 198.51.100.7'])
  assert.equal(behindFly.identify('203.0.113.9', false, false, headers).client, '203.0.113.9')
})

test('an IPv4 address within IPv6 is the same address, in a range as in a chain', () => {
  const headers = new HeaderList()
  headers.add('X-Forwarded-For', '203.0.113.7, ::ffff:a00:5', 'x-forwarded-for')
  for (const range of ['10.0.0.0/8', '::ffff:10.0.0.0/104']) {
    const trust = new Trust([range])
    assert.equal(trust.believes('10.1.2.3'), true, range)
    assert.equal(trust.believes('11.1.2.3'), false, range)
    assert.equal(trust.identify('10.1.2.3', true, false, headers).client, '203.0.113.7', range)
  }
})
