import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { test } from 'node:test'
import { FAILURES, Failure, type FailureCode } from '../src/errors.ts'

const codes = Object.keys(FAILURES) as FailureCode[]

// interface.md, what clients get when something fails.
const statuses: Record<FailureCode, number> = {
  bad_request: 400,
  request_timeout: 408,
  body_too_large: 413,
  target_too_long: 414,
  tunnel_refused: 400,
  expectation_failed: 417,
  head_too_large: 431,
  coding_not_supported: 501,
  version_not_supported: 505,
  queue_full: 503,
  queue_timeout: 503,
  overloaded: 503,
  edge_timeout: 503,
  app_not_well: 503,
  paused: 503,
  spool_full: 503,
  upstream_down: 503,
  upstream_unknown: 502,
  upstream_tls: 502,
  near_end: 500,
  worker_lost: 502,
  answer_broken: 0,
  answer_stalled: 0,
  answer_invalid: 502,
  read_timeout: 504,
  client_left: 0,
  send_timeout: 0,
  drain_timeout: 503,
  internal: 500,
}

test('each failure has the status that was promised', () => {
  assert.deepEqual(Object.fromEntries(codes.map(code => [code, FAILURES[code].status])), statuses)
})

test('every 503 says when to come back, and nothing else does', () => {
  for (const code of codes) {
    const { status, retryLater } = FAILURES[code]
    assert.equal(retryLater === true, status === 503, code)
  }
})

test('every failure tells the operator something, and people too where they get an answer', () => {
  for (const code of codes) {
    const { status, message, hint } = FAILURES[code]
    assert.notEqual(hint, '', code)
    if (status === 0) continue
    assert.match(message, /^[A-Z].*\.$/, code)
    assert.ok(STATUS_CODES[status] !== undefined, `${code}: ${status} has no reason phrase`)
  }
})

test('messages for people are plain ASCII and safe in HTML as they are', () => {
  for (const code of codes) assert.match(FAILURES[code].message, /^[ -%'-;=?-~]*$/, code)
})

test('a failure has its row, and says what was seen', () => {
  const failure = new Failure('read_timeout', 'no byte came within 5000 ms')
  assert.equal(failure.kind, FAILURES.read_timeout)
  assert.equal(failure.message, 'read_timeout: no byte came within 5000 ms')
  assert.equal(failure.detail, 'no byte came within 5000 ms')
  assert.equal(new Failure('client_left').message, 'client_left')
})

test('only a bug has a stack, and the limit is left as it was', () => {
  const limit = Error.stackTraceLimit
  assert.doesNotMatch(new Failure('bad_request').stack ?? '', /\n\s+at /)
  assert.match(new Failure('internal').stack ?? '', /\n\s+at /)
  assert.equal(Error.stackTraceLimit, limit)
})
