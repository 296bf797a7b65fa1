import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNumber, readSize, readTime } from '../../../src/config/nginx/units.ts'

test('a time is a sum of units from large to small, and a bare number is seconds', () => {
  const times = ['90', '250ms', '1m30s', '1h 30m', '1d12h', '1y', '0'].map(readTime)
  assert.deepEqual(times, [90_000, 250, 90_000, 5_400_000, 129_600_000, 31_536_000_000, 0])
})

test('what is no time is told from one', () => {
  for (const text of ['', 'soon', '1.5s', '-1', '30s1m', '1m1m', '1x', '99999999999999999y'])
    assert.equal(readTime(text), null, text)
})

test('a size is bytes, or kilobytes, megabytes, gigabytes in either case', () => {
  assert.deepEqual(
    ['0', '512', '8k', '8K', '1m', '2g'].map(readSize),
    [0, 512, 8_192, 8_192, 1_048_576, 2_147_483_648],
  )
})

test('what is no size is told from one', () => {
  for (const text of ['', 'k', '1.5m', '-1', '1t', '1 k', '999999999999999g'])
    assert.equal(readSize(text), null, text)
})

test('whole numbers are as large as nginx takes them', () => {
  assert.equal(readNumber('0'), 0)
  assert.equal(readNumber('007'), 7)
  assert.equal(readNumber('99999999999'), 99_999_999_999)
  assert.equal(readNumber('9223372036854775807'), Number.MAX_SAFE_INTEGER)
  for (const none of ['9223372036854775808', '-1', '+1', '1.5', '1k', '', ' 1'])
    assert.equal(readNumber(none), null)
})
