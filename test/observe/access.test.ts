import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, type FailureCode } from '../../src/errors.ts'
import { levelOf, requestLine, tenths } from '../../src/observe/access.ts'
import { REQUEST_FIELDS, TIMER_FIELDS } from '../../src/observe/fields.ts'
import { finished } from './exchanges.ts'

const line = (x = finished()): Record<string, unknown> => {
  const text = requestLine(x, '2025-11-21T06:31:00.000Z', levelOf(x), x.outcome, x.path)
  assert.equal(text.indexOf('\n'), text.length - 1, 'one line')
  return JSON.parse(text) as Record<string, unknown>
}

const full = () =>
  finished({
    ray: '8f2c-AMS',
    cache: 'EXPIRED',
    serverTiming: 'db;dur=40',
    failure: new Failure('answer_broken', 'the worker closed'),
    failedIn: 'responding',
  })

test('a line has the listed fields in the listed order', () => {
  assert.deepEqual(
    Object.keys(line(full())),
    REQUEST_FIELDS.map(field => field.name),
  )
  assert.deepEqual(
    Object.keys(line().timers as object),
    TIMER_FIELDS.map(field => field.name),
  )
})

test('only those fields are left out that the list says may be', () => {
  assert.deepEqual(
    Object.keys(line()),
    REQUEST_FIELDS.filter(field => field.absent === undefined).map(field => field.name),
  )
})

test('the values', () => {
  assert.deepEqual(line(), {
    time: '2025-11-21T06:31:00.000Z',
    level: 'info',
    msg: 'request',
    id: 'a1b2c3',
    client: '203.0.113.7',
    method: 'GET',
    http_host: 'www.example.com',
    url: '/reports/7',
    http_version: '1.1',
    status_code: 200,
    outcome: 'ok',
    upstream: '127.0.0.1:8000',
    slot: 2,
    attempts: 1,
    bytes_in: 321,
    bytes_out: 4567,
    spilled: 0,
    timers: { receive: 0.3, queue: 0, hold: 0, connect: 0, wait: 50.1, respond: 1, deliver: 0, total: 60 },
  })
})

test('a request that no worker had', () => {
  const got = line(finished({ upstream: '', slot: -1, attempts: 0 }))
  assert.equal(got.upstream, null)
  assert.equal(got.slot, null)
})

test('text from outside stays within its field and its bounds', () => {
  const hostile = '"}\n\x1b[2J{"' + 'x'.repeat(5000)
  const text = requestLine(
    finished({
      id: hostile,
      ray: hostile,
      client: hostile,
      method: hostile,
      host: hostile,
      version: hostile,
      upstream: hostile,
      serverTiming: hostile,
    }),
    't',
    'info',
    'ok',
    hostile,
  )
  assert.doesNotMatch(text.slice(0, -1), /[\x00-\x1f]/)
  assert.ok(text.length < 8000, `${text.length} characters`)
  assert.equal((JSON.parse(text) as { url: string }).url, hostile.slice(0, 2048) + '…')
})

test('milliseconds have one decimal', () => {
  assert.deepEqual([0, 0.04, 0.05, 1, 12.34, 12.36, 99.96, 3_600_000.12].map(tenths), [
    '0',
    '0',
    '0.1',
    '1',
    '12.3',
    '12.4',
    '100',
    '3600000.1',
  ])
  assert.equal(tenths(1e12), '1000000000000')
})

test('levels', () => {
  const level = (code: FailureCode, status: number) =>
    levelOf(finished({ failure: new Failure(code), status }))
  assert.equal(levelOf(finished()), 'info')
  assert.equal(levelOf(finished({ status: 404 })), 'info')
  assert.equal(levelOf(finished({ status: 500 })), 'warn')
  assert.equal(level('bad_request', 400), 'info')
  assert.equal(level('coding_not_supported', 501), 'info', 'a 501 of ours is the client’s fault')
  assert.equal(level('client_left', 0), 'info')
  assert.equal(level('client_left', 500), 'warn', 'the app’s own 500, though the client left as well')
  assert.equal(level('request_timeout', 408), 'info')
  assert.equal(level('send_timeout', 200), 'info')
  assert.equal(level('send_timeout', 500), 'warn')
  assert.equal(level('queue_full', 503), 'warn')
  assert.equal(level('queue_timeout', 503), 'warn')
  assert.equal(level('read_timeout', 504), 'warn')
  assert.equal(level('worker_lost', 502), 'warn')
  assert.equal(level('answer_broken', 200), 'warn')
  assert.equal(level('internal', 500), 'error')
})
