import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHeadEnd } from '../../src/http1/head-end.ts'
import { parseRequestHead, protocolOf, refuseBadRequestLine } from '../../src/http1/request-head.ts'
import { bytes, refused, request, splits } from './messages.ts'

const ok = (line: string, ...fields: string[]) =>
  request([line, 'Host: a.test', ...fields, '', ''].join('\r\n'))

test('a head is read into its parts, with order, case and repeats kept', () => {
  const text =
    'GET /p?q=1 HTTP/1.1\r\nHost: A.test:81\r\nX-b:1\r\nx-B: \t2 3 \t\r\nEmpty:\r\nBlank: \t \r\nO: \xe4\x80\xff\tz\r\n\r\n'
  const head = request(text)
  assert.equal(head.method, 'GET')
  assert.equal(head.target, '/p?q=1')
  assert.equal(head.path, '/p?q=1')
  assert.equal(head.minor, 1)
  assert.equal(head.host, 'A.test:81')
  assert.equal(head.bytes, text.length)
  assert.deepEqual(head.headers.names, ['Host', 'X-b', 'x-B', 'Empty', 'Blank', 'O'])
  assert.deepEqual(head.headers.lower, ['host', 'x-b', 'x-b', 'empty', 'blank', 'o'])
  assert.deepEqual(head.headers.values, ['A.test:81', '1', '2 3', '', '', '\xe4\x80\xff\tz'])
})

test('the result does not depend on how the head arrives', () => {
  const whole = bytes('\r\nGET http://b.test/x HTTP/1.1\r\nHost: a.test\r\nA: b\r\n\r\n'.slice(2))
  const expected = parseRequestHead(whole, 0, whole.length)
  for (const parts of splits(whole)) {
    let buf: Buffer = Buffer.alloc(0)
    let end = -1
    for (const part of parts) {
      if (end !== -1) break
      const scanned = buf.length
      buf = Buffer.concat([buf, part])
      end = findHeadEnd(buf, 0, scanned)
      assert.equal(end === -1, buf.length < whole.length)
    }
    assert.deepEqual(parseRequestHead(buf, 0, end), expected)
  }
})

test('methods are any token, as they came', () => {
  for (const method of ['GET', 'get', 'PURGE', 'M-SEARCH', "!#$%&'*+-.^_`|~0aZ"]) {
    assert.equal(ok(`${method} / HTTP/1.1`).method, method)
  }
})

test('versions: 1.0, 1.1, and later minor ones as 1.1', () => {
  assert.equal(ok('GET / HTTP/1.0').minor, 0)
  assert.equal(ok('GET / HTTP/1.1').minor, 1)
  assert.equal(ok('GET / HTTP/1.9').minor, 1)
  const said = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/1.2', 'HTTP/1.9']
  assert.deepEqual(
    said.map(version => protocolOf(ok(`GET /abc ${version}`))),
    said,
  )
})

test('HTTP/1.0 may leave the Host out or empty', () => {
  assert.equal(request('GET / HTTP/1.0\r\n\r\n').host, '')
  assert.equal(request('GET / HTTP/1.0\r\nHost:\r\n\r\n').host, '')
})

const targets: [string, string, string, string][] = [
  // method, target, path, host
  ['GET', '/', '/', 'a.test'],
  ['GET', '//x/../y;p?q?r', '//x/../y;p?q?r', 'a.test'],
  ['GET', '/|{}^`"<>\\[]%zz\xc3\xa4', '/|{}^`"<>\\[]%zz\xc3\xa4', 'a.test'],
  ['OPTIONS', '*', '*', 'a.test'],
  ['OPTIONS', '/*', '/*', 'a.test'],
  ['GET', 'http://b.test', '/', 'b.test'],
  ['GET', 'http://b.test/', '/', 'b.test'],
  ['GET', 'HTTP://B.test:8080/x/y?z', '/x/y?z', 'B.test:8080'],
  ['GET', 'https://[::1]:8/x', '/x', '[::1]:8'],
  ['GET', 'http://b.test?x=/y', '/?x=/y', 'b.test'],
  ['GET', 'http://b.test//c//d', '//c//d', 'b.test'],
  ['GET', 'http://a.test/x?u=http://c.test/@', '/x?u=http://c.test/@', 'a.test'],
  ['OPTIONS', 'http://b.test', '*', 'b.test'],
  ['OPTIONS', 'http://b.test/', '/', 'b.test'],
  ['OPTIONS', 'http://b.test?', '/?', 'b.test'],
]
for (const [method, target, path, host] of targets) {
  test(`target: ${method} ${JSON.stringify(target)}`, () => {
    const head = ok(`${method} ${target} HTTP/1.1`)
    assert.equal(head.target, target)
    assert.equal(head.path, path)
    assert.equal(head.host, host)
    // Whoever asks the list instead gets the same answer.
    assert.deepEqual(head.headers.all('host'), [host])
  })
}

test('an absolute target gives a Host to an HTTP/1.0 request that has none', () => {
  const head = request('GET http://b.test/x HTTP/1.0\r\nA: b\r\n\r\n')
  assert.equal(head.host, 'b.test')
  assert.deepEqual(head.headers.all('host'), ['b.test'])
})

const H = 'Host: a.test\r\n'
const L = 'GET / HTTP/1.1\r\n'
const badLines: [string, string, RegExp][] = [
  ['bare CR in the request line', 'GET /\r HTTP/1.1', /target with "\\x0d"/],
  ['HTTP/0.9', 'GET /', /HTTP\/0.9/],
  ['HTTP/0.9 in so many words', 'GET / HTTP/0.9', /request line/],
  ['two spaces before the target', 'GET  / HTTP/1.1', /more than one space/],
  ['two spaces before the version', 'GET /  HTTP/1.1', /request line/],
  ['a space after the version', 'GET / HTTP/1.1 ', /request line/],
  ['a tab for a space', 'GET\t/ HTTP/1.1', /request line/],
  ['a leading space', ' GET / HTTP/1.1', /request line/],
  ['no target', 'GET HTTP/1.1', /HTTP\/0.9/],
  ['no target, two spaces', 'GET  HTTP/1.1', /request line/],
  ['no method', '/ HTTP/1.1', /request line/],
  ['a method that is no token', 'G@T / HTTP/1.1', /request line/],
  ['the version in lower case', 'GET / http/1.1', /request line/],
  ['another protocol', 'GET / RTSP/1.0', /request line/],
  ['a version without a minor', 'GET / HTTP/1', /request line/],
  ['a version with two digits', 'GET / HTTP/1.10', /request line/],
  ['a major version with two digits', 'GET / HTTP/11.1', /request line/],
  ['a version with a comma', 'GET / HTTP/1,1', /request line/],
  ['a space in the target', 'GET /a b HTTP/1.1', /request line/],
  ['a fragment', 'GET /a#b HTTP/1.1', /target with "#"/],
  ['a tab in the target', 'GET /a\tb HTTP/1.1', /target with/],
  ['a NUL in the target', 'GET /a\0b HTTP/1.1', /target with/],
  ['DEL in the target', 'GET /a\x7f HTTP/1.1', /target with/],
  ['an authority as the target', 'GET a.test:80 HTTP/1.1', /neither a path/],
  ['a target that is a relative path', 'GET a/b HTTP/1.1', /neither a path/],
  ['another scheme', 'GET ftp://a.test/ HTTP/1.1', /neither a path/],
  ['a scheme without an authority', 'GET http:/a HTTP/1.1', /neither a path/],
  ['an empty authority', 'GET http:///a HTTP/1.1', /authority/],
  ['user-info in the target', 'GET http://u:p@a.test/ HTTP/1.1', /authority/],
  ['a backslash in the authority', 'GET http://a.test\\@b/ HTTP/1.1', /authority/],
  ['* with another method', 'GET * HTTP/1.1', /target \*/],
  ['** with OPTIONS', 'OPTIONS ** HTTP/1.1', /neither a path/],
  ['*? with OPTIONS', 'OPTIONS *?a HTTP/1.1', /neither a path/],
]
const bad: [string, string, RegExp][] = [
  ['bare LF after the request line', `GET / HTTP/1.1\n${H}\r\n`, /request line/],
  ['bare LF after a field', `${L}Host: a.test\nA: b\r\n\r\n`, /bare LF/],
  ['bare LF in a name', `${L}${H}A\nB: c\r\n\r\n`, /bare LF/],
  ['bare CR in a value', `${L}${H}A: b\rc\r\n\r\n`, /bare CR/],
  ['bare CR in a name', `${L}${H}A\rB: c\r\n\r\n`, /bare CR/],
  ['bare CR before a name', `${L}${H}\rA: b\r\n\r\n`, /bare CR/],
  ['CR CR LF', `${L}${H}A: b\r\r\n\r\n`, /bare CR/],
  ['space before the colon', `${L}${H}A : b\r\n\r\n`, /white space/],
  ['tab before the colon', `${L}${H}A\t: b\r\n\r\n`, /white space/],
  ['space in a name', `${L}${H}A b: c\r\n\r\n`, /white space/],
  ['space before the first field', `${L} ${H}\r\n`, /before the first field/],
  ['obsolete fold', `${L}${H}A: b\r\n c\r\n\r\n`, /obsolete fold/],
  ['obsolete fold with a tab', `${L}${H}A: b\r\n\tc: d\r\n\r\n`, /obsolete fold/],
  ['obsolete fold of nothing', `${L}${H}A: b\r\n \r\n\r\n`, /obsolete fold/],
  ['NUL in a value', `${L}${H}A: b\0c\r\n\r\n`, /control character/],
  ['ESC in a value', `${L}${H}A: \x1b[2J\r\n\r\n`, /control character in the field "A": "\\x1b"/],
  ['DEL in a value', `${L}${H}A: \x7f\r\n\r\n`, /control character/],
  ['VT before a value', `${L}${H}A:\x0bb\r\n\r\n`, /control character/],
  ['NUL in a name', `${L}${H}A\0: b\r\n\r\n`, /not a token/],
  ['an empty name', `${L}${H}: b\r\n\r\n`, /empty field name/],
  ['a line without a colon', `${L}${H}AB\r\n\r\n`, /without a colon/],
  ['a name with a slash', `${L}${H}A/b: c\r\n\r\n`, /not a token/],
  ['a name with a quote', `${L}${H}"A": c\r\n\r\n`, /not a token/],
  ['a name with a byte from 0x80', `${L}${H}\xc3\xa4: c\r\n\r\n`, /not a token/],
  ['no Host', `${L}A: b\r\n\r\n`, /no Host/],
  ['no Host with an absolute target', 'GET http://a.test/ HTTP/1.1\r\nA: b\r\n\r\n', /no Host/],
  ['two Hosts', `${L}${H}A: b\r\nhost: b.test\r\n\r\n`, /more than one Host/],
  ['two equal Hosts', `${L}${H}${H}\r\n`, /more than one Host/],
  ['two Hosts in HTTP/1.0', `GET / HTTP/1.0\r\n${H}${H}\r\n`, /more than one Host/],
  ['an empty Host', `${L}Host:\r\n\r\n`, /empty Host/],
  ['a blank Host', `${L}Host: \t\r\n\r\n`, /empty Host/],
  ['user-info in the Host', `${L}Host: u@a.test\r\n\r\n`, /Host "u@a.test"/],
  ['a bad Host beside a good absolute target', 'GET http://a.test/ HTTP/1.1\r\nHost: b c\r\n\r\n', /Host/],
  ['a bad Host in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a,b\r\n\r\n', /Host/],
]
for (const [name, line, detail] of badLines) {
  test(`refused, with the rest of the head and without: ${name}`, () => {
    refused(() => request(`${line}\r\n${H}\r\n`), 'bad_request', detail)
    refused(() => refuseBadRequestLine(bytes(`..${line}\r\n`), 2, line.length + 4), 'bad_request', detail)
  })
}

test('a request line that is none to refuse is not refused for what may follow', () => {
  for (const line of ['get / HTTP/1.1', 'GET http://a.test HTTP/1.0', 'OPTIONS * HTTP/1.1', 'A /?b HTTP/1.2'])
    refuseBadRequestLine(bytes(`${line}\r\n`), 0, line.length + 2)
})

for (const [name, text, detail] of bad) {
  test(`refused: ${name}`, () => refused(() => request(text), 'bad_request', detail))
}

test('refused: CONNECT, and a target of it that is no host and port', () => {
  const line = (target: string) => bytes(`CONNECT ${target} HTTP/1.1\r\n`)
  refused(() => refuseBadRequestLine(line('a:1'), 0, 22), 'tunnel_refused', /CONNECT/)
  refused(() => refuseBadRequestLine(line('a:b'), 0, 22), 'bad_request', /CONNECT/)
  for (const target of ['a.test:443', '[::1]:1'])
    refused(() => request(`CONNECT ${target} HTTP/1.1\r\n${H}\r\n`), 'tunnel_refused', /CONNECT/)
  for (const target of ['a.test', '/', 'a.test:', 'http://a.test:1/'])
    refused(() => request(`CONNECT ${target} HTTP/1.1\r\n${H}\r\n`), 'bad_request', /CONNECT/)
})

test('refused: any control character at any place of a head', () => {
  const whole = bytes('GET /a HTTP/1.1\r\nHost: a.test\r\nAb: cd\r\n\r\n')
  for (let at = 0; at < whole.length - 4; at++) {
    for (let code = 0; code < 0x20; code++) {
      if (code === 0x09 || code === whole[at]) continue
      const spoilt = Buffer.from(whole)
      spoilt[at] = code
      refused(() => parseRequestHead(spoilt, 0, findHeadEnd(spoilt, 0, 0)), 'bad_request')
    }
  }
})

test('other major versions are not supported, the HTTP/2 preface among them', () => {
  refused(() => ok('GET / HTTP/2.0'), 'version_not_supported', /HTTP\/2\.0/)
  refused(() => ok('GET / HTTP/9.9'), 'version_not_supported')
  refused(() => refuseBadRequestLine(bytes('GET / HTTP/3.0\r\n'), 0, 16), 'version_not_supported')
  refused(() => request('PRI * HTTP/2.0\r\n\r\n'), 'version_not_supported')
})

test('more than a thousand fields are too many', () => {
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `a${i}:`)
  assert.equal(ok('GET / HTTP/1.1', ...fields(999)).headers.length, 1000)
  refused(() => ok('GET / HTTP/1.1', ...fields(1000)), 'head_too_large')
})

test('the bytes behind the head are not looked at', () => {
  const all = bytes('GET / HTTP/1.0\r\n\r\n\0\n\x7f')
  assert.equal(parseRequestHead(all, 0, findHeadEnd(all, 0, 0)).bytes, 18)
})
