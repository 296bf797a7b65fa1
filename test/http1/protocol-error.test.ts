import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES } from '../../src/errors.ts'
import { badRequest, ProtocolError, quoteBytes } from '../../src/http1/protocol-error.ts'

test('a protocol error speaks in a code of the table of failures and takes no stack', () => {
  const before = Error.stackTraceLimit
  const error = badRequest('two colons')
  assert.ok(error instanceof ProtocolError && error instanceof Error)
  assert.ok(error.kind in FAILURES)
  assert.equal(error.detail, 'two colons')
  assert.doesNotMatch(error.stack ?? '', /\n\s+at /)
  assert.equal(Error.stackTraceLimit, before)
})

test('quoted bytes are bounded and hold nothing that a terminal or a log line obeys', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, code) => code))
  for (let from = 0; from < 256; from += 8) assert.match(quoteBytes(all, from, from + 8), /^"[ -~]*"$/)
  assert.equal(quoteBytes('a"b\\c\x1b\xff'), '"a\\x22b\\x5cc\\x1b\\xff"')
  assert.equal(quoteBytes('x'.repeat(100)), `"${'x'.repeat(40)}…"`)
  assert.equal(quoteBytes(Buffer.from('abcdef'), 2, 4), '"cd"')
  assert.equal(quoteBytes(Buffer.from('abc'), 2, 99), '"c"')
  assert.equal(quoteBytes(Buffer.from('abc'), 9, 99), '""')
})
