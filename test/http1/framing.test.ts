import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestFraming, responseFraming } from '../../src/http1/framing.ts'
import { answer, refused, request, response, withFields } from './messages.ts'

const accepted: [string[], ReturnType<typeof requestFraming>][] = [
  [[], { kind: 'none' }],
  [['Content-Length: 0'], { kind: 'length', length: 0 }],
  [['content-length:  42 '], { kind: 'length', length: 42 }],
  [['Content-Length: 007'], { kind: 'length', length: 7 }],
  [['Content-Length: 9007199254740991'], { kind: 'length', length: Number.MAX_SAFE_INTEGER }],
  [['Transfer-Encoding: chunked'], { kind: 'chunked' }],
  [['transfer-encoding:\tChunked '], { kind: 'chunked' }],
]
for (const [fields, framing] of accepted) {
  test(`framing of a message with ${fields.join() || 'nothing'}`, () => {
    assert.deepEqual(requestFraming(withFields(...fields)), framing)
    const inAnswer = framing.kind === 'none' ? { kind: 'close' } : framing
    assert.deepEqual(responseFraming(answer(200, ...fields), 'GET'), inAnswer)
    for (const [status, method] of [
      [200, 'HEAD'],
      [204, 'GET'],
      [304, 'GET'],
      [103, 'GET'],
    ] as const) {
      assert.deepEqual(
        responseFraming(answer(status, ...fields), method),
        { kind: 'none' },
        `${method} ${status}`,
      )
    }
  })
}

const chunked = 'Transfer-Encoding: chunked'
const bad: [string[], RegExp][] = [
  [[chunked, 'Content-Length: 5'], /both/],
  [['Content-Length: 0', chunked], /both/],
  [['Content-Length: x', 'Transfer-Encoding: gzip'], /both/],
  [['Content-Length: 5', 'Content-Length: 5'], /more than one/],
  [['Content-Length: 5', 'content-length: 6'], /more than one/],
  ...[
    '5, 5',
    '5,5',
    '+5',
    '-5',
    '-0',
    '5.0',
    '5e1',
    '0x5',
    '5a',
    'a',
    '',
    '5 5',
    '5;',
    '\xb2',
    '٥',
    '9007199254740992',
    '99999999999999999999',
    '00000000000000005',
    'Infinity',
    'NaN',
  ].map((value): [string[], RegExp] => [
    [`Content-Length: ${Buffer.from(value).toString('latin1')}`],
    /the Content-Length/,
  ]),
  ...[
    '',
    'identity',
    'chunked, chunked',
    'chunked, identity',
    'identity, chunked',
    'chunked, gzip',
    'xchunked',
    'chunked;a=b',
    'chunked,',
    ', chunked',
    '"chunked"',
    'chunked chunked',
    'br',
    'br, chunked',
    'gzip;q=1',
    'gzip, br, chunked',
    'chunked\x0c'.slice(0, 7) + '\xa0',
    '\xa0chunked',
    'trailers',
  ].map((value): [string[], RegExp] => [[`Transfer-Encoding: ${value}`], /Transfer-Encoding/]),
  [[chunked, chunked], /Transfer-Encoding/],
  [[chunked, 'Transfer-Encoding: identity'], /Transfer-Encoding/],
  [['Transfer-Encoding:', chunked], /Transfer-Encoding/],
]
for (const [fields, detail] of bad) {
  test(`refused in requests and answers: ${JSON.stringify(fields.join(' | '))}`, () => {
    refused(() => requestFraming(withFields(...fields)), 'bad_request', detail)
    refused(() => responseFraming(answer(200, ...fields), 'GET'), 'bad_request', detail)
    // Also where the answer has no body that could be misread.
    refused(() => responseFraming(answer(304, ...fields), 'HEAD'), 'bad_request', detail)
  })
}

const unsupported = [
  ['gzip'],
  ['gzip, chunked'],
  ['x-gzip'],
  ['Deflate'],
  ['compress'],
  ['x-compress, CHUNKED'],
  ['gzip', 'chunked'],
  ['gzip, deflate'],
]
for (const values of unsupported) {
  test(`a coding that exists and is not supported: ${values.join(' | ')}`, () => {
    const fields = values.map(value => `Transfer-Encoding: ${value}`)
    refused(() => requestFraming(withFields(...fields)), 'coding_not_supported')
    refused(() => responseFraming(answer(200, ...fields), 'GET'), 'bad_request')
  })
}

test('Transfer-Encoding in HTTP/1.0 is refused', () => {
  refused(() => requestFraming(request(`POST / HTTP/1.0\r\n${chunked}\r\n\r\n`)), 'bad_request', /HTTP\/1\.0/)
  refused(
    () => responseFraming(response(`HTTP/1.0 200 OK\r\n${chunked}\r\n\r\n`), 'GET'),
    'bad_request',
    /HTTP\/1\.0/,
  )
})

test('a length in HTTP/1.0 holds, and without one an answer ends with the connection', () => {
  assert.deepEqual(requestFraming(request('POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n')), {
    kind: 'length',
    length: 3,
  })
  assert.deepEqual(responseFraming(response('HTTP/1.0 200 OK\r\n\r\n'), 'GET'), { kind: 'close' })
})

test('a WebSocket upgrade has no body; other upgrades may, since they are not taken', () => {
  const upgrade = (method: string, protocol: string, ...more: string[]) =>
    request(
      [
        `${method} / HTTP/1.1`,
        'Host: a',
        'Connection: Upgrade',
        `Upgrade: ${protocol}`,
        ...more,
        '',
        '',
      ].join('\r\n'),
    )
  for (const body of ['Content-Length: 5', chunked]) {
    refused(() => requestFraming(upgrade('GET', 'WebSocket', body)), 'bad_request', /upgrade with a body/)
    requestFraming(upgrade('GET', 'h2c', body))
    requestFraming(upgrade('POST', 'websocket', body))
  }
  assert.deepEqual(requestFraming(upgrade('GET', 'websocket')), { kind: 'none' })
  assert.deepEqual(requestFraming(upgrade('GET', 'websocket', 'Content-Length: 0')), {
    kind: 'length',
    length: 0,
  })
})

test('framings without a number are shared and cannot be changed', () => {
  assert.equal(requestFraming(withFields()), requestFraming(withFields()))
  assert.equal(requestFraming(withFields(chunked)), responseFraming(answer(200, chunked), 'GET'))
  assert.ok(Object.isFrozen(requestFraming(withFields())))
})
