import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapBetween } from '../../../../src/config/nginx/modules/charset.ts'
import { problems, siteOf } from '../reading.ts'

test('maps between charsets hold for the whole site, and go both ways', t => {
  const { servers } = siteOf(
    t,
    `server { charset koi8-r; source_charset windows-1251; location / { charset off; } }
    charset_map koi8-r windows-1251 { C0 FE; c1 e0; }
    charset_map koi8-r utf-8 { C0 D18E; }`,
  )
  const { charsetMaps, charset, sourceCharset } = servers[0]!.settings
  assert.deepEqual([charset?.text, sourceCharset?.text], ['koi8-r', 'windows-1251'])
  assert.equal(servers[0]!.locations[0]!.settings.charset, null)
  assert.deepEqual(mapBetween(charsetMaps, 'Windows-1251', 'KOI8-R')?.pairs, [
    [0xc0, '\xfe'],
    [0xc1, '\xe0'],
  ])
  assert.deepEqual(mapBetween(charsetMaps, 'koi8-r', 'utf-8')?.pairs, [[0xc0, '\xd1\x8e']])
  assert.equal(mapBetween(charsetMaps, 'windows-1251', 'utf-8'), null)
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'charset_map a a { }': '"charset_map" between the same charsets "a" and "a"',
    'charset_map a b { } charset_map b A { }': 'duplicate "charset_map" between "b" and "A"',
    'charset_map a b { 80 zz; }': 'invalid value "zz"',
    'charset_map a b { 180 70; }': 'invalid value "180"',
    'charset_map a b { 80 81 82; }': 'invalid parameters number',
    'charset_map a utf-8 { 80 E2; }': 'invalid value "E2"',
    'charset_map a utf-8 { 80 F09F9880; }': 'invalid value "F09F9880"',
    'charset a; source_charset b;': 'no "charset_map" between the charsets "b" and "a"',
  }
  for (const [lines, problem] of Object.entries(wrong)) {
    assert.deepEqual(problems(t, `${lines} server { }`), [problem], lines)
  }
})

test('no map is asked for where nothing is converted, or where a variable says between what', t => {
  const fine = [
    'charset a;',
    'charset a; source_charset A;',
    'charset $arg_c; source_charset a;',
    'source_charset a;',
  ]
  for (const lines of fine) assert.deepEqual(problems(t, `${lines} server { }`), [], lines)
})
