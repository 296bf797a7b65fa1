import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ClientHeadOptions,
  clientFraming,
  clientHead,
  httpDate,
  interimHead,
} from '../../src/response/client-head.ts'
import { answer } from '../http1/messages.ts'

const plain: ClientHeadOptions = {
  framing: 'length',
  keepAlive: true,
  sayKeepAlive: false,
  trailers: false,
  keepsAccel: false,
}
const DATE = 'Date: Tue, 01 Oct 2024 00:00:00 GMT'

function linesOf(fields: string[], options: Partial<ClientHeadOptions> = {}, status = 200): string[] {
  const head = clientHead(answer(status, ...fields), { ...plain, ...options })
  assert.ok(head.endsWith('\r\n\r\n'))
  return head.slice(0, -4).split('\r\n')
}

for (const [worker, to11, to10] of [
  [{ kind: 'none' }, 'none', 'none'],
  [{ kind: 'length', length: 5 }, 'length', 'length'],
  [{ kind: 'chunked' }, 'chunked', 'close'],
  [{ kind: 'close' }, 'chunked', 'close'],
] as const) {
  test(`an answer framed by ${worker.kind} goes on as ${to11}, to HTTP/1.0 as ${to10}`, () => {
    assert.equal(clientFraming(worker, false), to11)
    assert.equal(clientFraming(worker, true), to10)
  })
}

test('status, reason, order, case, repeats and bytes are kept', () => {
  const fields = [
    DATE,
    'set-cookie: a=1',
    'X-B: 1',
    'Set-Cookie: b=2',
    'x-b: 2',
    'X-L: caf\xe9',
    'Content-Length: 5',
  ]
  assert.deepEqual(linesOf(fields, {}, 418), ['HTTP/1.1 418 X', ...fields])
})

test('fields of the worker’s hop are removed, with those that Connection names', () => {
  const lines = linesOf([
    DATE,
    'Connection: close, X-Mine',
    'Keep-Alive: timeout=2',
    'X-Mine: 1',
    'Transfer-Encoding: chunked',
    'Upgrade: h2',
    'Trailer: X-T',
    'Proxy-Authenticate: Basic',
    'X-Kept: 1',
  ])
  assert.deepEqual(lines, ['HTTP/1.1 200 X', DATE, 'X-Kept: 1'])
})

test('Connection cannot take away what says how long the body is', () => {
  assert.deepEqual(linesOf([DATE, 'Connection: Content-Length', 'Content-Length: 5']), [
    'HTTP/1.1 200 X',
    DATE,
    'Content-Length: 5',
  ])
})

test('words to the proxy stay with the proxy', () => {
  const lines = linesOf([DATE, 'X-Accel-Redirect: /internal/x', 'X-Accel-Buffering: no', 'X-Accelerate: 1'])
  assert.deepEqual(lines, ['HTTP/1.1 200 X', DATE, 'X-Accelerate: 1'])
})

test('where a file says what goes on, so do fields that speak to a proxy', () => {
  const fields = [DATE, 'X-Accel-Redirect: /x']
  assert.deepEqual(linesOf(fields, { keepsAccel: true }), ['HTTP/1.1 200 X', ...fields])
})

test('an undated answer is dated', () => {
  const [, date] = linesOf([])
  assert.match(date ?? '', /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
})

test('the announcement of trailers stays where they are passed on', () => {
  const lines = linesOf([DATE, 'Trailer: X-T'], { framing: 'chunked', trailers: true })
  assert.deepEqual(lines, ['HTTP/1.1 200 X', DATE, 'Trailer: X-T', 'Transfer-Encoding: chunked'])
})

test('the last lines say how the body ends and whether the connection stays', () => {
  const tail = (options: Partial<ClientHeadOptions>) => linesOf([DATE], options).slice(2)
  assert.deepEqual(tail({}), [])
  assert.deepEqual(tail({ sayKeepAlive: true }), ['Connection: keep-alive'])
  assert.deepEqual(tail({ keepAlive: false, sayKeepAlive: true }), ['Connection: close'])
  assert.deepEqual(tail({ framing: 'chunked', keepAlive: false }), [
    'Transfer-Encoding: chunked',
    'Connection: close',
  ])
  assert.deepEqual(tail({ framing: 'close', keepAlive: false }), ['Connection: close'])
})

test('HEAD and 304 keep the length they speak of; 204 has none (RFC 9110 §8.6)', () => {
  const fields = [DATE, 'Content-Length: 5']
  assert.deepEqual(linesOf(fields, { framing: 'none' }).slice(1), fields)
  assert.deepEqual(linesOf(fields, { framing: 'none' }, 304).slice(1), fields)
  assert.deepEqual(linesOf(fields, { framing: 'none' }, 204).slice(1), [DATE])
})

test('an interim answer goes on with its fields and without those of the hop', () => {
  const head = interimHead(
    answer(103, 'Link: </a.css>; rel=preload', 'link: </b.js>', 'Connection: close', 'Content-Length: 0'),
  )
  assert.equal(head, 'HTTP/1.1 103 X\r\nLink: </a.css>; rel=preload\r\nlink: </b.js>\r\n\r\n')
})

test('the date is now, to the second', () => {
  const before = Math.floor(Date.now() / 1000)
  const date = Date.parse(httpDate()) / 1000
  assert.ok(date >= before && date <= Date.now() / 1000, `${date} is not within ${before} and now`)
})
