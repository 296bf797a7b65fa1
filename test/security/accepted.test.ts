// The other side of strictness: what is odd and allowed must be served, and reach the worker as it was.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value, values } from '../support/answer.ts'
import { file } from '../support/owner.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRecorder } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'
import type { StrictRequest } from '../support/strict-reading.ts'

const recorder = await startRecorder(file)
const shield = await startShield(file, { upstream: recorder.address, args: ['--workers', '4'] })

type Row = [name: string, bytes: string, arrived: (request: StrictRequest) => void]

const is = (target: string) => (request: StrictRequest) => assert.equal(request.target, target)
const body = (text: string) => (request: StrictRequest) => assert.equal(request.body.toString('latin1'), text)

const rows: Row[] = [
  ['one empty line before the request line', '\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n', is('/a')],
  ['raw characters that browsers send', 'GET /|{}^`"<>[]\\ HTTP/1.1\r\nHost: a\r\n\r\n', is('/|{}^`"<>[]\\')],
  ['bytes beyond ASCII in the target', 'GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n', is('/\xc3\xa4')],
  [
    'percent signs as they are',
    'GET /%zz%2F%2e%2e/../a//b?x=%00 HTTP/1.1\r\nHost: a\r\n\r\n',
    is('/%zz%2F%2e%2e/../a//b?x=%00'),
  ],
  [
    'an unknown method',
    'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n',
    request => assert.equal(request.method, 'BREW'),
  ],
  [
    'a method in lower case',
    'get / HTTP/1.1\r\nHost: a\r\n\r\n',
    request => assert.equal(request.method, 'get'),
  ],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', is('*')],
  ['an absolute target becomes origin-form', 'GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n', is('/b?c')],
  ['an absolute target without a path', 'GET http://a?c HTTP/1.1\r\nHost: a\r\n\r\n', is('/?c')],
  [
    'an absolute target replaces Host',
    'GET http://other/b HTTP/1.1\r\nHost: a\r\n\r\n',
    request => assert.deepEqual(values(request, 'host'), ['other']),
  ],
  [
    'a Host with a port',
    'GET / HTTP/1.1\r\nHost: a:81\r\n\r\n',
    request => assert.equal(value(request, 'host'), 'a:81'),
  ],
  [
    'a Host of IPv6',
    'GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n',
    request => assert.equal(value(request, 'host'), '[::1]:81'),
  ],
  ['HTTP/1.0 without Host', 'GET /old HTTP/1.0\r\n\r\n', is('/old')],
  [
    'a tab in a value',
    'GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n\r\n',
    request => assert.equal(value(request, 'x'), 'a\tb'),
  ],
  [
    'bytes beyond ASCII in a value',
    'GET / HTTP/1.1\r\nHost: a\r\nX: \xff\x80\r\n\r\n',
    request => assert.equal(value(request, 'x'), '\xff\x80'),
  ],
  [
    'no space after the colon',
    'GET / HTTP/1.1\r\nHost:a\r\nX:b\r\n\r\n',
    request => assert.equal(value(request, 'x'), 'b'),
  ],
  [
    'an empty value',
    'GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n',
    request => assert.equal(value(request, 'x'), ''),
  ],
  [
    'a length with leading zeros',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabc',
    body('abc'),
  ],
  ['GET with a body', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', body('abc')],
  ['an empty body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', body('')],
  [
    'chunks with capitals and zeros',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n00A\r\n0123456789\r\n000\r\n\r\n',
    body('0123456789'),
  ],
  [
    'a short extension',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0;c\r\n\r\n',
    body('abc'),
  ],
  [
    'trailers, which are dropped',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n',
    body('abc'),
  ],
  [
    'an expectation in HTTP/1.0',
    'POST / HTTP/1.0\r\nHost: a\r\nExpect: tea\r\nContent-Length: 3\r\n\r\nabc',
    body('abc'),
  ],
  [
    'another Upgrade, which is stripped',
    'GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n',
    request => {
      assert.deepEqual(values(request, 'upgrade'), [])
      assert.deepEqual(values(request, 'http2-settings'), [])
    },
  ],
]

for (const [name, bytes, arrived] of rows) {
  test(`served: ${name}`, async t => {
    const nth = recorder.count + 1
    const client = (await connectRaw(t, shield.address)).send(bytes)
    assert.equal((await client.answer()).status, 200)
    const { request } = await recorder.request(nth)
    arrived(request)
    assert.equal(recorder.count, nth)
    assert.equal(value(request, 'connection')?.toLowerCase(), 'close')
    assert.deepEqual(values(request, 'expect'), [])
  })
}

test('fields keep their order, case and repetition', async t => {
  const nth = recorder.count + 1
  const client = await connectRaw(t, shield.address)
  client.request('GET', '/', 'X-b: 1', 'x-A: 2', 'X-B: 3', 'Cookie: a', 'Cookie: b')
  assert.equal((await client.answer()).status, 200)
  const { request } = await recorder.request(nth)
  const own = request.fields.filter(([name]) => /^(x-[ab]|cookie)$/i.test(name))
  assert.deepEqual(own, [
    ['X-b', '1'],
    ['x-A', '2'],
    ['X-B', '3'],
    ['Cookie', 'a'],
    ['Cookie', 'b'],
  ])
})
