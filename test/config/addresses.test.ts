// Addresses: every form that is accepted, and the words in which the others are refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, type Role, readAddress, sameListener } from '../../src/config/addresses.ts'

/** An address as `formatAddress` writes it, or what the refusal must say. */
const cases: [role: Role, text: string, expected: string | RegExp][] = [
  ['upstream', ':8000', '127.0.0.1:8000'],
  ['upstream', '8000', '127.0.0.1:8000'],
  ['upstream', 'app:8000', 'app:8000'],
  ['upstream', 'App.Example.COM:8000', 'app.example.com:8000'],
  ['upstream', 'my_app-1:8000', 'my_app-1:8000'],
  ['upstream', 'app.:8000', 'app.:8000'],
  ['upstream', '10.0.0.1:8000', '10.0.0.1:8000'],
  ['upstream', '[::1]:8000', '[::1]:8000'],
  ['upstream', 'http://app:8000', 'app:8000'],
  ['upstream', 'http://app:8000/', 'app:8000'],
  ['upstream', 'HTTP://app', 'app:80'],
  ['upstream', 'http://[::1]', '[::1]:80'],
  ['upstream', 'http://:8000', '127.0.0.1:8000'],
  ['upstream', 'unix:/run/app.sock', 'unix:/run/app.sock'],
  ['upstream', 'unix:app.sock', 'unix:app.sock'],
  ['upstream', 'unix:///run/app.sock', 'unix:/run/app.sock'],
  ['upstream', 'http://unix:/run/app.sock', 'unix:/run/app.sock'],
  ['upstream', 'http://unix:/run/app.sock:/', 'unix:/run/app.sock'],
  ['upstream', 'app', /the port is missing, as in app:8000$/],
  ['upstream', 'app:', /the port is missing/],
  ['upstream', 'http://', /^must be an address such as :8000/],
  ['upstream', '', /^must be an address such as :8000/],
  ['upstream', ':', /^must be an address/],
  ['upstream', '*:8000', /^must be an address/],
  ['upstream', '::1', /needs brackets and a port, such as \[::1\]:8000$/],
  ['upstream', '::1:8000', /needs brackets/],
  ['upstream', '[::1', /^must be an address/],
  ['upstream', '[localhost]:80', /^must be an address/],
  ['upstream', ':0', /^must have a port from 1 to 65535$/],
  ['upstream', 'app:65536', /^must have a port from 1 to 65535$/],
  ['upstream', 'app:http', /^must have a port/],
  ['upstream', 'app:+80', /^must have a port/],
  ['upstream', '256.0.0.1:80', /^must be an address/],
  ['upstream', '10.1:80', /^must be an address/],
  ['upstream', 'a b:80', /^must be an address/],
  ['upstream', 'a..b:80', /^must be an address/],
  ['upstream', '-a:80', /^must be an address/],
  ['upstream', 'app:8000/x', /^must have a port/],
  ['upstream', 'https://app:8000', /^must be a plain HTTP address/],
  ['upstream', 'ftp://app:8000', /ftp:\/\/ is not spoken here$/],
  ['upstream', 'http://app:8000/api', /^must end after the port/],
  ['upstream', 'http://app:8000?x', /^must end after the port/],
  ['upstream', 'http://me:secret@app:8000', /no user name or password/],
  ['upstream', 'unix:', /^must name a socket file/],
  ['upstream', 'unix:/run/', /^must name a socket file/],
  ['upstream', 'unix:/run/app.sock:/api', /nothing after it$/],
  ['upstream', `unix:/${'a'.repeat(107)}`, /at most 107 bytes/],
  ['upstream', `unix:/${'a'.repeat(106)}`, `unix:/${'a'.repeat(106)}`],
  ['upstream', 'unix:/a\u0000b', /without control characters/],
  ['listen', ':8080', '[::]:8080'],
  ['listen', '8080', '[::]:8080'],
  ['listen', '*:8080', '[::]:8080'],
  ['listen', ':0', '[::]:0'],
  ['listen', '0.0.0.0:8080', '0.0.0.0:8080'],
  ['listen', 'localhost:8080', 'localhost:8080'],
  ['listen', '[::1]:8080', '[::1]:8080'],
  ['listen', 'unix:/run/shield.sock', 'unix:/run/shield.sock'],
  ['listen', 'localhost', /the port is missing/],
  ['listen', 'http://localhost:8080', /leave out http:\/\/$/],
]
for (const [role, text, expected] of cases) {
  test(`${role} ${JSON.stringify(text.slice(0, 40))}`, () => {
    const read = readAddress(text, role)
    if (typeof expected === 'string')
      assert.equal('value' in read ? formatAddress(read.value) : read.allowed, expected)
    else assert.match('allowed' in read ? read.allowed : `accepted as ${formatAddress(read.value)}`, expected)
  })
}

const pairs: [a: string, b: string, same: boolean][] = [
  [':80', ':80', true],
  [':80', '127.0.0.1:80', true],
  [':80', '0.0.0.0:80', true],
  ['0.0.0.0:80', '127.0.0.1:80', true],
  ['0.0.0.0:80', '[::1]:80', false],
  ['127.0.0.1:80', '[::1]:80', false],
  [':80', ':81', false],
  [':0', ':0', false],
  ['unix:/a', 'unix:/a', true],
  ['unix:/a', 'unix:/b', false],
  ['unix:/a', ':80', false],
]
for (const [a, b, same] of pairs) {
  test(`${a} and ${b} are ${same ? 'one place' : 'two places'}`, () => {
    const [first, second] = [readAddress(a, 'listen'), readAddress(b, 'listen')]
    assert.ok('value' in first && 'value' in second)
    assert.equal(sameListener(first.value, second.value), same)
    assert.equal(sameListener(second.value, first.value), same)
  })
}
