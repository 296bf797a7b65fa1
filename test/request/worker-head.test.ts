import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exchange } from '../../src/exchange.ts'
import {
  announcedLength,
  type BodyLength,
  claimsDropped,
  type Origin,
  workerHead,
} from '../../src/request/worker-head.ts'
import { request } from '../http1/messages.ts'

const stranger: Origin = { trusted: false, client: '203.0.113.9', proto: 'http', hostBelieved: false }
const believed: Origin = { trusted: true, client: '198.51.100.7', proto: 'https', hostBelieved: true }

interface Options {
  origin?: Origin
  body?: BodyLength
  peer?: string
  upgrade?: boolean
}

/** The worker's head for a request of these lines, as lines. */
function headOf(lines: string[], options: Options = {}): string[] {
  const exchange = new Exchange(options.peer ?? '203.0.113.9', performance.now())
  exchange.id = 'the-id'
  const head = workerHead(
    request([...lines, '', ''].join('\r\n')),
    exchange,
    options.origin ?? stranger,
    options.body ?? 'none',
    {
      defaultHost: 'app.internal:8000',
      ...(options.upgrade === undefined ? {} : { upgrade: options.upgrade }),
    },
  )
  assert.ok(head.endsWith('\r\n\r\n'), 'the head ends with an empty line')
  const found = head.slice(0, -4).split('\r\n')
  assert.ok(!found.includes(''), 'and has no other')
  return found
}

/** The same for a GET with a Host and these fields. */
function withFields(fields: string[], options: Options = {}): string[] {
  return headOf(['GET /a?b HTTP/1.1', 'Host: app.test', ...fields], options)
}

/** All values of one field, names compared without case. */
function valuesOf(lines: string[], name: string): string[] {
  const start = `${name.toLowerCase()}: `
  return lines
    .slice(1)
    .filter(line => line.toLowerCase().startsWith(start))
    .map(line => line.slice(start.length))
}

test('the whole head, line by line', () => {
  const lines = withFields(['User-Agent: x', 'Accept: */*'])
  const start = lines.pop()
  assert.equal(start, 'Connection: close')
  assert.match(lines.pop()!, /^X-Request-Start: t=\d{10}\.\d{3}$/)
  assert.deepEqual(lines, [
    'GET /a?b HTTP/1.1',
    'Host: app.test',
    'User-Agent: x',
    'Accept: */*',
    'X-Forwarded-For: 203.0.113.9',
    'X-Real-IP: 203.0.113.9',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: app.test',
    'X-Forwarded-Port: 80',
    'X-Request-Id: the-id',
  ])
})

test('order, case, repeats and bytes of the client’s fields are kept', () => {
  const fields = [
    'x-B: 2',
    'X-a: 1',
    'cookie: a=1',
    'X-B: 3',
    'Cookie: b=2',
    'X-Latin: caf\xe9\x80',
    'X-Empty: ',
  ]
  const lines = withFields(fields)
  assert.deepEqual(lines.slice(2, 2 + fields.length), fields)
})

test('fields of the client’s hop do not travel further', () => {
  const lines = withFields([
    'Connection: keep-alive, X-Mine, Cookie',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Trailer: X-T',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
    'Proxy-Authorization: Basic eA==',
    'X-Mine: 1',
    'Cookie: kept=1',
    'X-Other: 1',
  ])
  for (const name of [
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'upgrade',
    'http2-settings',
    'x-mine',
  ])
    assert.deepEqual(valuesOf(lines, name), [], name)
  assert.deepEqual(valuesOf(lines, 'proxy-authorization'), [])
  assert.deepEqual(valuesOf(lines, 'connection'), ['close'])
  // The app would take the client for somebody else without it: Connection cannot take it away.
  assert.deepEqual(valuesOf(lines, 'cookie'), ['kept=1'])
  assert.deepEqual(valuesOf(lines, 'x-other'), ['1'])
})

test('what was answered here, or could become a variable of the worker’s, is removed', () => {
  const lines = headOf([
    'POST / HTTP/1.1',
    'Host: a.test',
    'Content-Length: 3',
    'Expect: 100-continue',
    'Proxy: http://evil.test',
    'X_Forwarded_For: 1.2.3.4',
    'Content_Length: 5',
    'A_B: 1',
  ])
  assert.deepEqual(valuesOf(lines, 'expect'), [])
  assert.deepEqual(valuesOf(lines, 'proxy'), [])
  assert.deepEqual(
    lines.slice(1).filter(line => line.split(':')[0]!.includes('_')),
    [],
  )
})

test('the scheme has one name', () => {
  const names = [
    'X-Forwarded-Ssl: on',
    'X-Forwarded-Protocol: https',
    'X-Forwarded-Scheme: https',
    'X-Url-Scheme: https',
    'X-Scheme: https',
    'Front-End-Https: on',
    'Forwarded: proto=https',
    'X-Forwarded-Proto: https',
  ]
  for (const origin of [stranger, { ...believed, proto: 'http' as const }]) {
    const lines = withFields(names, { origin })
    const left = lines.filter(line => /ssl|scheme|https|^forwarded|protocol/i.test(line))
    assert.deepEqual(left, [])
    assert.deepEqual(valuesOf(lines, 'x-forwarded-proto'), ['http'])
  }
})

const forwarding = [
  'X-Forwarded-For: 198.51.100.7, 10.0.0.1',
  'X-Real-IP: 6.6.6.6',
  'X-Forwarded-Host: shop.test',
  'X-Forwarded-Port: 8443',
  'X-Request-Start: t=1.0',
  'X-Request-Id: theirs',
  'CF-Connecting-IP: 7.7.7.7',
  'CF-Ray: 8f2c-AMS',
  'CF-Visitor: {"scheme":"https"}',
  'True-Client-IP: 8.8.8.8',
]

test('a stranger’s forwarding fields are dropped and set anew', () => {
  const lines = withFields(forwarding)
  assert.deepEqual(valuesOf(lines, 'x-forwarded-for'), ['203.0.113.9'])
  assert.deepEqual(valuesOf(lines, 'x-real-ip'), ['203.0.113.9'])
  assert.deepEqual(valuesOf(lines, 'x-forwarded-host'), ['app.test'])
  assert.deepEqual(valuesOf(lines, 'x-forwarded-port'), ['80'])
  assert.deepEqual(valuesOf(lines, 'x-request-id'), ['the-id'])
  for (const name of ['cf-connecting-ip', 'cf-ray', 'cf-visitor', 'true-client-ip'])
    assert.deepEqual(valuesOf(lines, name), [], name)
  assert.notDeepEqual(valuesOf(lines, 'x-request-start'), ['t=1.0'])
})

test('a trusted peer’s are believed, and the peer joins the chain', () => {
  const lines = withFields(forwarding, { origin: believed, peer: '10.0.0.2' })
  assert.deepEqual(valuesOf(lines, 'x-forwarded-for'), ['198.51.100.7, 10.0.0.1, 10.0.0.2'])
  assert.deepEqual(valuesOf(lines, 'x-real-ip'), ['198.51.100.7'])
  assert.deepEqual(valuesOf(lines, 'x-forwarded-proto'), ['https'])
  assert.deepEqual(valuesOf(lines, 'x-forwarded-host'), ['shop.test'])
  assert.deepEqual(valuesOf(lines, 'x-forwarded-port'), ['8443'])
  assert.deepEqual(valuesOf(lines, 'x-request-start'), ['t=1.0'])
  assert.deepEqual(valuesOf(lines, 'cf-ray'), ['8f2c-AMS'])
  assert.deepEqual(valuesOf(lines, 'x-request-id'), ['the-id'])
})

test('several X-Forwarded-For become one, in order', () => {
  const lines = withFields(['X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 2.2.2.2'], {
    origin: believed,
    peer: '10.0.0.2',
  })
  assert.deepEqual(valuesOf(lines, 'x-forwarded-for'), ['1.1.1.1, 2.2.2.2, 10.0.0.2'])
})

test('over a Unix socket there is no peer address to add', () => {
  const direct = withFields([], {
    origin: { trusted: true, client: 'unix:', proto: 'http', hostBelieved: true },
    peer: 'unix:',
  })
  assert.deepEqual(valuesOf(direct, 'x-forwarded-for'), [])
  assert.deepEqual(valuesOf(direct, 'x-real-ip'), [])
  const behind = withFields(['X-Forwarded-For: 1.1.1.1'], { origin: believed, peer: 'unix:' })
  assert.deepEqual(valuesOf(behind, 'x-forwarded-for'), ['1.1.1.1'])
})

test('of a list only the nearest hop’s host and port count, and a port that is none is not believed', () => {
  const lists = withFields(['X-Forwarded-Host: one.test, two.test', 'X-Forwarded-Port: 81, 82'], {
    origin: believed,
  })
  assert.deepEqual(valuesOf(lists, 'x-forwarded-host'), ['two.test'])
  assert.deepEqual(valuesOf(lists, 'x-forwarded-port'), ['82'])
  for (const port of ['x', '', '0', '65536', '123456', '-1', '80.0']) {
    const lines = withFields([`X-Forwarded-Port: ${port}`], { origin: believed })
    assert.deepEqual(valuesOf(lines, 'x-forwarded-port'), ['443'], port)
  }
})

test('a forwarded host that is no authority, or comes from an edge that does not set it, is not believed', () => {
  for (const forged of ['evil"><x>/p@q', 'a b', 'user@evil.test', 'evil.test/path', '']) {
    const lines = withFields([`X-Forwarded-Host: ${forged}`], { origin: believed })
    assert.deepEqual(valuesOf(lines, 'x-forwarded-host'), ['app.test'], forged)
  }
  const visitor = withFields(['X-Forwarded-Host: evil.test', 'X-Forwarded-Port: 81'], {
    origin: { ...believed, hostBelieved: false },
  })
  assert.deepEqual(valuesOf(visitor, 'x-forwarded-host'), ['app.test'])
  assert.deepEqual(valuesOf(visitor, 'x-forwarded-port'), ['443'])
})

for (const [host, proto, port] of [
  ['app.test', 'http', '80'],
  ['app.test', 'https', '443'],
  ['app.test:8080', 'https', '8080'],
  ['[2001:db8::1]', 'http', '80'],
  ['[2001:db8::1]:8080', 'http', '8080'],
  ['192.0.2.1:81', 'http', '81'],
] as const) {
  test(`the port of ${host} by ${proto} is ${port}`, () => {
    const lines = headOf(['GET / HTTP/1.1', `Host: ${host}`], { origin: { ...stranger, proto } })
    assert.deepEqual(valuesOf(lines, 'host'), [host])
    assert.deepEqual(valuesOf(lines, 'x-forwarded-host'), [host])
    assert.deepEqual(valuesOf(lines, 'x-forwarded-port'), [port])
  })
}

test('an HTTP/1.0 request without Host gets the upstream’s, and goes out as HTTP/1.1', () => {
  const lines = headOf(['GET /old HTTP/1.0'])
  assert.equal(lines[0], 'GET /old HTTP/1.1')
  assert.deepEqual(valuesOf(lines, 'host'), ['app.internal:8000'])
  assert.deepEqual(
    valuesOf(lines, 'x-forwarded-host'),
    [],
    'no link is built from the upstream’s own address',
  )
  assert.deepEqual(valuesOf(lines, 'x-forwarded-port'), ['80'])
})

test('an absolute target becomes a path, and its authority the one Host', () => {
  const lines = headOf(['GET http://other.test:81/a?b HTTP/1.1', 'Host: app.test'])
  assert.equal(lines[0], 'GET /a?b HTTP/1.1')
  assert.deepEqual(valuesOf(lines, 'host'), ['other.test:81'])
  assert.equal(headOf(['OPTIONS * HTTP/1.1', 'Host: a.test'])[0], 'OPTIONS * HTTP/1.1')
})

test('the length is the one that is known here, whatever the client announced', () => {
  const announced = ['POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 99']
  const chunked = ['POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked']
  assert.deepEqual(valuesOf(headOf(chunked, { body: 1234 }), 'content-length'), ['1234'])
  assert.deepEqual(valuesOf(headOf(chunked, { body: 1234 }), 'transfer-encoding'), [])
  assert.deepEqual(valuesOf(headOf(announced, { body: 0 }), 'content-length'), ['0'])
  assert.deepEqual(valuesOf(headOf(announced, { body: 'chunked' }), 'content-length'), [])
  assert.deepEqual(valuesOf(headOf(announced, { body: 'chunked' }), 'transfer-encoding'), ['chunked'])
  const none = headOf(['GET / HTTP/1.1', 'Host: a.test'])
  assert.deepEqual([valuesOf(none, 'content-length'), valuesOf(none, 'transfer-encoding')], [[], []])
})

test('a streamed body is announced as the client announced it', () => {
  assert.equal(announcedLength({ kind: 'length', length: 7 }), 7)
  assert.equal(announcedLength({ kind: 'length', length: 0 }), 0)
  assert.equal(announcedLength({ kind: 'chunked' }), 'chunked')
  assert.equal(announcedLength({ kind: 'none' }), 'none')
})

test('the upgrade lane’s head asks for the upgrade and not for a close', () => {
  const lines = withFields(
    [
      'Connection: keep-alive, Upgrade',
      'Upgrade: WebSocket',
      'Sec-WebSocket-Key: eA==',
      'Sec-WebSocket-Version: 13',
    ],
    { upgrade: true },
  )
  assert.deepEqual(valuesOf(lines, 'connection'), ['Upgrade'])
  assert.deepEqual(valuesOf(lines, 'upgrade'), ['websocket'])
  assert.deepEqual(valuesOf(lines, 'sec-websocket-key'), ['eA=='])
  assert.deepEqual(valuesOf(lines, 'sec-websocket-version'), ['13'])
})

test('dropped claims are noticed from strangers only', () => {
  const claiming = request('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n')
  const silent = request('GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: 1\r\n\r\n')
  assert.equal(claimsDropped(claiming, stranger), true)
  assert.equal(claimsDropped(claiming, believed), false)
  assert.equal(claimsDropped(silent, stranger), false)
})
