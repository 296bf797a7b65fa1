// Every request that must be refused, as bytes: the status, a closed connection, and nothing at the upstream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { file } from '../support/owner.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRecorder } from '../support/recorder.ts'
import { modes, startShield } from '../support/shield.ts'

type Row = [name: string, bytes: string, status?: number]

const get = (...lines: string[]): string => ['GET / HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')
const post = (body: string, ...lines: string[]): string =>
  ['POST / HTTP/1.1', 'Host: a', ...lines, '', body].join('\r\n')
const chunks = (body: string): string => post(body, 'Transfer-Encoding: chunked')
const line = (first: string): string => `${first}\r\nHost: a\r\n\r\n`
const hosts = (...values: string[]): string =>
  ['GET / HTTP/1.1', ...values.map(value => `Host: ${value}`), '', ''].join('\r\n')

const rows: Row[] = [
  // line ends
  ['bare LF everywhere', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['bare LF after a field', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
  ['bare LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
  ['bare CR after the request line', 'GET / HTTP/1.1\rHost: a\r\n\r\n'],
  ['bare CR in a value', get('X: a\rb')],
  ['bare CR as a line end', 'GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n'],
  ['CR CR LF', 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n'],
  ['bare LF before the request line', `\n${get()}`],
  ['two empty lines before the request line', `\r\n\r\n${get()}`],
  // the request line
  ['two spaces after the method', line('GET  / HTTP/1.1')],
  ['two spaces before the version', line('GET /  HTTP/1.1')],
  ['a tab for a space', line('GET\t/ HTTP/1.1')],
  ['a leading space', line(' GET / HTTP/1.1')],
  ['a trailing space', line('GET / HTTP/1.1 ')],
  ['a space in the target', line('GET /a b HTTP/1.1')],
  ['no target', line('GET HTTP/1.1')],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['no version, with fields', line('GET /')],
  ['a version in lower case', line('GET / http/1.1')],
  ['a version without a point', line('GET / HTTP/11')],
  ['a version of two digits', line('GET / HTTP/1.10')],
  ['a version with a sign', line('GET / HTTP/+1.1')],
  ['another protocol', line('GET / ICAP/1.0')],
  ['HTTP/2.0', line('GET / HTTP/2.0'), 505],
  ['HTTP/3.0', line('GET / HTTP/3.0'), 505],
  ['HTTP/0.9 by number', line('GET / HTTP/0.9')],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a method that is no token', line('GE(T / HTTP/1.1')],
  ['a method with a colon', line('GET: / HTTP/1.1')],
  ['a NUL in the method', line('G\0ET / HTTP/1.1')],
  ['an empty method', line(' / HTTP/1.1')],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  // the target
  ['a NUL in the target', line('GET /\0 HTTP/1.1')],
  ['a control in the target', line('GET /\x01 HTTP/1.1')],
  ['DEL in the target', line('GET /\x7f HTTP/1.1')],
  ['a fragment', line('GET /a#b HTTP/1.1')],
  ['a target without a slash', line('GET a HTTP/1.1')],
  ['the asterisk with another method', line('GET * HTTP/1.1')],
  ['another scheme', line('GET ftp://a/ HTTP/1.1')],
  ['an absolute target without an authority', line('GET http:/// HTTP/1.1')],
  ['an absolute target with user-info', line('GET http://user@a/ HTTP/1.1')],
  // Host
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', hosts('a', 'b')],
  ['the same Host twice', hosts('a', 'a')],
  ['an empty Host', hosts('')],
  ['a Host with user-info', hosts('user@a')],
  ['a Host with a path', hosts('a/b')],
  ['a Host with a space', hosts('a b')],
  ['a Host with a list', hosts('a, b')],
  ['a Host with a port that is no number', hosts('a:b')],
  ['a Host with a port too large', hosts('a:65536')],
  ['a Host with two ports', hosts('a:1:2')],
  ['a Host with half an IPv6 address', hosts('[::1')],
  ['a Host with a NUL', hosts('a\0')],
  ['two Hosts in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n'],
  // fields
  ['a space before the colon', get('X : a')],
  ['a tab before the colon', get('X\t: a')],
  ['a space in a name', get('X Y: a')],
  ['a space before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
  ['an obsolete fold by space', get('X: a', ' b')],
  ['an obsolete fold by tab', get('X: a', '\tb')],
  ['a fold of Transfer-Encoding', post('0\r\n\r\n', 'Transfer-Encoding:', ' chunked')],
  ['no colon', get('X')],
  ['an empty name', get(': a')],
  ['a name that is no token', get('X(Y): a')],
  ['a name with a NUL', get('X\0: a')],
  ['a name with a byte of UTF-8', get('X\xc3: a')],
  ['a NUL in a value', get('X: a\0b')],
  ['a control in a value', get('X: a\x0bb')],
  ['DEL in a value', get('X: a\x7fb')],
  ['ESC in a value', get('X: \x1b[31m')],
  // framing
  ['both lengths and coding', post('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['both, the other way round', post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Content-Length: 5')],
  ['two lengths', post('abc', 'Content-Length: 3', 'Content-Length: 5')],
  ['the same length twice', post('abc', 'Content-Length: 3', 'Content-Length: 3')],
  ['a list of lengths', post('abc', 'Content-Length: 3, 3')],
  ['a length with a plus', post('abc', 'Content-Length: +3')],
  ['a negative length', post('abc', 'Content-Length: -3')],
  ['a length in hex', post('abc', 'Content-Length: 0x3')],
  ['a length with a point', post('abc', 'Content-Length: 3.0')],
  ['a length with a space inside', post('abc', 'Content-Length: 3 3')],
  ['an empty length', post('abc', 'Content-Length:')],
  ['a length that is a word', post('abc', 'Content-Length: three')],
  ['a length beyond 2^53', post('abc', 'Content-Length: 99999999999999999999')],
  ['a coding in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two codings in one', post('0\r\n\r\n', 'Transfer-Encoding: chunked, chunked')],
  ['identity', post('0\r\n\r\n', 'Transfer-Encoding: identity')],
  ['chunked in two fields', post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['chunked and identity', post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
  ['an unknown coding', post('0\r\n\r\n', 'Transfer-Encoding: xchunked')],
  ['an empty coding', post('0\r\n\r\n', 'Transfer-Encoding:')],
  ['a coding in quotes', post('0\r\n\r\n', 'Transfer-Encoding: "chunked"')],
  ['a coding with a vertical tab', post('0\r\n\r\n', 'Transfer-Encoding: \x0bchunked')],
  ['a coding with a parameter', post('0\r\n\r\n', 'Transfer-Encoding: chunked;q=1')],
  ['gzip', post('0\r\n\r\n', 'Transfer-Encoding: gzip'), 501],
  ['gzip and chunked', post('0\r\n\r\n', 'Transfer-Encoding: gzip, chunked'), 501],
  // chunks
  ['a chunk size that is no number', chunks('x\r\n\r\n')],
  ['an empty chunk size', chunks('\r\n\r\n')],
  ['a chunk size with 0x', chunks('0x3\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with a plus', chunks('+3\r\nabc\r\n0\r\n\r\n')],
  ['a negative chunk size', chunks('-3\r\nabc\r\n0\r\n\r\n')],
  ['a space before a chunk size', chunks(' 3\r\nabc\r\n0\r\n\r\n')],
  ['a space after a chunk size', chunks('3 \r\nabc\r\n0\r\n\r\n')],
  ['a tab after a chunk size', chunks('3\t\r\nabc\r\n0\r\n\r\n')],
  ['an underscore in a chunk size', chunks('1_0\r\nabcdefghijklmnop\r\n0\r\n\r\n')],
  ['a chunk size beyond 2^53', chunks('20000000000001\r\nabc')],
  ['a chunk size beyond 2^64', chunks('10000000000000003\r\nabc\r\n0\r\n\r\n')],
  ['a chunk longer than announced', chunks('3\r\nabcd\r\n0\r\n\r\n')],
  ['a chunk shorter than announced', chunks('5\r\nabc\r\n0\r\n\r\n')],
  ['a chunk ended by LF', chunks('3\r\nabc\n0\r\n\r\n')],
  ['a chunk size ended by LF', chunks('3\nabc\r\n0\r\n\r\n')],
  ['a chunk size ended by CR', chunks('3\rabc\r\n0\r\n\r\n')],
  ['an extension with a bare LF', chunks('3;a=b\nabc\r\n0\r\n\r\n')],
  ['an extension with a bare CR', chunks('3;a\rb\r\nabc\r\n0\r\n\r\n')],
  ['an extension without an end', chunks(`3;${'a'.repeat(40_000)}\r\nabc\r\n0\r\n\r\n`)],
  ['a chunk size of a thousand zeros', chunks(`${'0'.repeat(1000)}3\r\nabc\r\n0\r\n\r\n`)],
  ['a trailer that is no field', chunks('0\r\nX\r\n\r\n')],
  ['a trailer with a space before the colon', chunks('0\r\nX : a\r\n\r\n')],
  ['a trailer with a NUL', chunks('0\r\nX: \0\r\n\r\n')],
  ['a trailer ended by LF', chunks('0\r\nX: a\n\r\n')],
  ['a trailer section without an end', chunks(`0\r\n${'X: a\r\n'.repeat(10_000)}\r\n`)],
  // expectations and upgrades
  ['another expectation', post('abc', 'Content-Length: 3', 'Expect: 200-ok'), 417],
  ['two expectations', post('abc', 'Content-Length: 3', 'Expect: 100-continue, more'), 417],
  [
    'an Upgrade with a body',
    post('abc', 'Content-Length: 3', 'Connection: Upgrade', 'Upgrade: websocket').replace('POST', 'GET'),
  ],
  [
    'an Upgrade with chunks',
    chunks('0\r\n\r\n')
      .replace('POST', 'GET')
      .replace('Host: a', 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket')
      .replace('POST', 'GET'),
  ],
  // limits
  ['a head too large', get(`X: ${'a'.repeat(40_000)}`), 431],
  ['a target too long', line(`GET /${'a'.repeat(40_000)} HTTP/1.1`), 414],
  ['TLS on a plain port', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n'],
]

// Streaming forwards a head before it has seen the chunks: there the proof is that no body ever ends whole.
const recorder = await startRecorder(file)
const shield = await startShield(file, {
  upstream: recorder.address,
  args: ['--workers', '4', ...modes[0].args],
})

for (const [name, bytes, status = 400] of rows) {
  test(`refused with ${status}: ${name}`, async t => {
    const before = recorder.count
    // What would be smuggled if the connection went on.
    const client = (await connectRaw(t, shield.address)).send(bytes)
    const answer = await client.answer()
    assert.equal(answer.status, status)
    client.send('GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n').halfClose()
    await client.ended()
    assert.equal(client.received.length, 0, `more came: ${client.received.toString('latin1')}`)
    assert.equal(recorder.count, before, 'nothing reached the upstream')
  })
}

test('another expectation without a body: 417, and nothing at the upstream', async t => {
  const before = recorder.count
  const client = (await connectRaw(t, shield.address)).send(get('Expect: tea'))
  assert.equal((await client.answer()).status, 417)
  assert.equal(recorder.count, before)
})

test('the proxy still serves', async () => {
  assert.equal((await shield.get('/')).status, 200)
  assert.equal(recorder.count, 1)
})

for (const [name, bytes] of rows.filter(
  ([, bytes]) => bytes.startsWith('POST') && bytes.includes('chunked\r\n\r\n'),
)) {
  test(`streaming, no whole request: ${name}`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '4', ...modes[1].args],
    })
    const client = (await shield.connect()).send(bytes)
    client.send('GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until(() => client.received.length > 0 || client.ending !== null, 'a refusal')
    client.halfClose()
    await client.ended()
    assert.ok(!client.received.toString('latin1').includes(' 200 '), client.received.toString('latin1'))
    for (const { reading } of recorder.connections.entries) assert.notEqual(reading.kind, 'whole')
  })
}
