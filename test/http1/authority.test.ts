import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf, isAuthority } from '../../src/http1/authority.ts'

const valid = [
  'example.com',
  'EXAMPLE.com',
  'example.com:8080',
  'example.com.',
  'example.com.:80',
  'localhost',
  'my_app:8000',
  'a~b',
  '127.0.0.1',
  '127.0.0.1:65535',
  '[::1]',
  '[::1]:8080',
  '[2001:db8::ff]',
  '[::ffff:1.2.3.4]:1',
  'xn--bcher-kva.example',
  'a'.repeat(253),
]
const invalid = [
  '',
  ' ',
  'a b',
  'a\tb',
  'user@a',
  'user:pw@a',
  'a/b',
  'a?b',
  'a#b',
  'a\\b',
  'a,b',
  'a;b',
  'a:b',
  'a:',
  'a:0',
  'a:65536',
  'a:00080000',
  'a:+80',
  'a:-1',
  'a:80:80',
  'a: 80',
  'a:80 ',
  ':80',
  '::1',
  '[::1',
  '::1]',
  '[]',
  '[::1]x',
  '[::1]:',
  '[::1]:0',
  '[1.2.3.4]',
  '[:::1]',
  '[fe80::1%eth0]',
  '[fe80::1%25eth0]',
  '[v1.fe]',
  '[[::1]]',
  '.a',
  'a..b',
  '.',
  '..',
  'a%00b',
  'a%2fb',
  'b\xfccher.example',
  'a\0b',
  'a\nb',
  '<a>',
  '"a"',
  "a'b",
  '$a',
  '(a)',
  'a*',
  '*',
  'a=b',
  'http://a',
  'a'.repeat(300),
]

for (const value of valid) test(`an authority: ${value.slice(0, 30)}`, () => assert.ok(isAuthority(value)))
for (const value of invalid) {
  test(`not an authority: ${JSON.stringify(value.slice(0, 30))}`, () => assert.ok(!isAuthority(value)))
}

test('the host by which a site is known', () => {
  for (const [authority, host] of [
    ['Example.ORG', 'example.org'],
    ['example.org.', 'example.org'],
    ['example.org.:8080', 'example.org'],
    ['a:80', 'a'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::1]:80', '[2001:db8::1]'],
    ['', ''],
  ] as const)
    assert.equal(hostOf(authority), host, authority)
})
