import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  escapeUri,
  normaliseTarget,
  splitArgs,
  splitUri,
  unescapeRedirect,
  unescapeUri,
} from '../../src/http1/uri.ts'
import { askNginx, startNginx } from '../support/nginx.ts'
import { Random } from '../support/random.ts'
import { without } from '../support/servers.ts'

const skip = without('nginx')

test('a plain target is its own URI', () => {
  assert.deepEqual(normaliseTarget('/', true), { uri: '/', args: '', unchanged: true })
  assert.deepEqual(normaliseTarget('/a/b.html?x=1?y', true), {
    uri: '/a/b.html',
    args: 'x=1?y',
    unchanged: true,
  })
  assert.deepEqual(normaliseTarget('/a?b/../c%zz', true), { uri: '/a', args: 'b/../c%zz', unchanged: true })
})

test('what is no path is refused', () => {
  for (const target of ['*', '', 'a', 'http://a/', '?a'])
    assert.equal(normaliseTarget(target, true), null, target)
})

test('a fragment ends it, in the path and in the args', () => {
  assert.deepEqual(normaliseTarget('/a#b?c', true), { uri: '/a', args: '', unchanged: false })
  assert.deepEqual(normaliseTarget('/a?b#c', true), { uri: '/a', args: 'b', unchanged: true })
})

/** Targets, what they come to with merged slashes, and without where that differs; null: 400. */
const CASES: readonly (readonly [target: string, uri: string | null, unmerged?: string | null])[] = [
  ['/a%20b', '/a b'],
  ['/%61%2f%62', '/a/b'],
  ['/a%2Fb', '/a/b'],
  ['/a%2e%2E/b', '/a../b'],
  ['/a/%2e%2e/b', '/b'],
  ['/a/.%2e/b', '/b'],
  ['/a%2f..%2fb', '/b'],
  ['/a/./b', '/a/b'],
  ['/a/.', '/a/'],
  ['/a/..', '/'],
  ['/a/../', '/'],
  ['/a/b/../..', '/'],
  ['/..', null],
  ['/../a', null],
  ['/a/../../b', null],
  ['/%2e%2e/b', null],
  ['/...', '/...'],
  ['/a/.../b', '/a/.../b'],
  ['/a/..b', '/a/..b'],
  ['/a/.b', '/a/.b'],
  ['/a/b.', '/a/b.'],
  ['/a/b..', '/a/b..'],
  ['/a.', '/a.'],
  ['//', '/', '//'],
  ['//a//b', '/a/b', '//a//b'],
  ['/a//../b', '/b', '/a/b'],
  ['/a%2f%2fb', '/a/b', '/a//b'],
  ['//../a', null, '/a'],
  ['/./.', '/'],
  ['/.', '/'],
  ['/.?x', '/'],
  ['/a/..?x', '/'],
  ['/%00', null],
  ['/a%0', null],
  ['/a%', null],
  ['/a%zz', null],
  ['/a%2', null],
  ['/a%2?3', null],
  ['/%25', '/%'],
  ['/%2500', '/%00'],
  ['/%252e%252e/', '/%2e%2e/'],
  ['/%3f', '/?'],
  ['/%3F/..', '/'],
  ['/%23a', '/#a'],
  ['/a/%3f../b', '/a/?../b'],
  ['/a/.%3f./b', '/a/.?./b'],
  ['/%c3%A9', '/\xc3\xa9'],
  ['/%7f%01', '/\x7f\x01'],
  ['/a+b', '/a+b'],
  ['/a%2Bb', '/a+b'],
  ['/a\\..\\b', '/a\\..\\b'],
  ['/a;b/../c', '/c'],
]

test('escapes, dots and slashes', () => {
  for (const [target, uri, unmerged = uri] of CASES) {
    assert.equal(normaliseTarget(target, true)?.uri ?? null, uri, target)
    assert.equal(normaliseTarget(target, false)?.uri ?? null, unmerged, `${target} unmerged`)
  }
})

test('nginx itself comes to the same, for these and for random targets', { skip }, async t => {
  const random = new Random(36)
  const pieces = [
    '/',
    '/',
    '/',
    '.',
    '.',
    'a',
    '%2f',
    '%2E',
    '%2e',
    '%25',
    '%3f',
    '?',
    '%',
    '+',
    '%00',
    '#',
    'b;',
  ]
  const targets = CASES.map(([target]) => target)
  for (let i = 0; i < 800; i++) {
    let target = '/'
    for (let length = random.below(12); length > 0; length--) target += random.pick(pieces)
    targets.push(target)
  }
  for (const merge of [true, false]) {
    const nginx = await startNginx(
      t,
      `server { listen 127.0.0.1:PORT; merge_slashes ${merge ? 'on' : 'off'}; return 200 "$uri|$args"; }`,
    )
    for (const target of targets) {
      const ours = normaliseTarget(target, merge)
      const { status, body } = await askNginx(nginx, target)
      const theirs = status === 400 ? null : `${status} ${body}`
      assert.equal(
        theirs,
        ours === null ? null : `200 ${ours.uri}|${ours.args}`,
        `${target}, merged: ${merge}`,
      )
    }
  }
})

test('splitting leaves the path alone', () => {
  assert.deepEqual(splitArgs('/a%20b?c?d'), { uri: '/a%20b', args: 'c?d' })
  assert.deepEqual(splitArgs('/a'), { uri: '/a', args: '' })
  assert.deepEqual(splitArgs('?a'), { uri: '', args: 'a' })
})

test('a URI from elsewhere is decoded, and refused where it climbs or holds NUL', () => {
  assert.deepEqual(splitUri('/a%20b?c=%20'), { uri: '/a b', args: 'c=%20' })
  assert.deepEqual(splitUri('/a..b/..c/d..'), { uri: '/a..b/..c/d..', args: '' })
  assert.deepEqual(splitUri('/a%3fb'), { uri: '/a?b', args: '' })
  for (const unsafe of [
    '',
    '?a',
    '..',
    '../a',
    '/..',
    '/../a',
    '/a/../b',
    '/a/..',
    '/a/%2e%2e/b',
    '/a%2f..',
    '/%00',
  ])
    assert.equal(splitUri(unsafe), null, unsafe)
  assert.equal(splitUri('/a\0'), null)
})

test('escaping, by where the text is to stand', () => {
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
  const kept = (part: Parameters<typeof escapeUri>[1]) => escapeUri(all, part).replace(/%[0-9A-F]{2}/g, '')
  const names = '0123456789'
  const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const lower = upper.toLowerCase()
  assert.equal(kept('component'), `-.${names}${upper}_${lower}~`)
  assert.equal(kept('uri'), `!$&'()*+,-./${names}:;=@${upper}[]_${lower}~`)
  assert.equal(kept('args'), `!$'()*,-./${names}:=@${upper}[]_${lower}~`)
  assert.equal(kept('html'), `!$&()*+,-./${names}:;=?@${upper}[]_${lower}~`)
  assert.equal(escapeUri('a\n\xe9%', 'uri'), 'a%0A%E9%25')
})

test('decoding leaves of a broken escape what nginx leaves', () => {
  assert.equal(unescapeUri('a%20b%2F%c3%A9%3f?%41'), 'a b/\xc3\xa9??A')
  assert.equal(unescapeUri('a%zb'), 'azb')
  assert.equal(unescapeUri('a%2zb'), 'ab')
  assert.equal(unescapeUri('%%41'), '%41')
  assert.equal(unescapeUri('a%'), 'a')
  assert.equal(unescapeUri('a%4'), 'a')
})

test('decoding for a Location keeps what must stay escaped, and ends at the question mark', () => {
  assert.equal(unescapeRedirect('/%41%2f%20%25%E9%7f?%41'), '/A/%20%25%E9%7f?%41')
  assert.equal(unescapeRedirect('/%41%3f%41'), '/A?%41')
  assert.equal(unescapeRedirect('/a'), '/a')
})
