import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CacheRecord,
  headLength,
  isOurs,
  readRecord,
  TIMES_AT,
  writeRecord,
  writeTimes,
} from '../../src/cache/record.ts'
import { HeaderList } from '../../src/http1/headers.ts'

function record(): CacheRecord {
  const headers = new HeaderList()
  headers.add('Content-Type', 'text/plain')
  headers.add('X-Bytes', '\xff\xe4"\\\t')
  headers.add('X-Bytes', 'again')
  return {
    key: 'http://app/\xe4?a="b"\\',
    times: { validUntil: 1_800_000_000, updatingFor: 5, errorFor: 7, date: 1_799_999_999 },
    status: 404,
    reason: 'Gone Fishing',
    headers,
    sized: true,
    headOnly: false,
    vary: 'Cookie',
    variant: 'b7f54b2df7773722d382f4809d65029c',
  }
}

test('what was written is read', () => {
  const head = writeRecord(record(), 12)
  assert.ok(isOurs(head))
  assert.equal(headLength(head.subarray(0, 100)), head.length)
  const read = readRecord(Buffer.concat([head, Buffer.from('and the body')]))!
  assert.deepEqual(read.record, record())
  assert.deepEqual([read.bodyStart, read.bodyLength], [head.length, 12])
  assert.match(head.toString('latin1'), /^KEY: http:\/\/app\/\xe4\?a="b"\\$/m)
})

test('the head is as long whatever the body is', () => {
  assert.equal(writeRecord(record(), 0).length, writeRecord(record(), 2 ** 40).length)
})

test('its moments are set anew in their place', () => {
  const head = writeRecord(record(), 12)
  const times = { validUntil: 9, updatingFor: 8, errorFor: 7, date: 6 }
  writeTimes(times).copy(head, TIMES_AT)
  assert.deepEqual(readRecord(head)!.record, { ...record(), times })
})

test('a head in which any byte was changed, or that was cut, is none', () => {
  const whole = writeRecord(record(), 12)
  for (let at = 0; at < whole.length; at++) {
    // Four bytes say nothing yet.
    if (at >= 12 && at < 16) continue
    const changed = Buffer.from(whole)
    changed[at]! ^= 1
    assert.equal(readRecord(changed), null, `byte ${at}`)
    assert.equal(readRecord(whole.subarray(0, at)), null, `${at} bytes`)
  }
  assert.equal(headLength(Buffer.from('SHIELDC1\xff\xff\xff\xff'.padEnd(100), 'latin1')), null)
  assert.equal(isOurs(Buffer.from('\x05\0\0\0\0\0\0\0')), false)
})

const foreign: [what: string, change: object][] = [
  ['a status of letters', { status: '200' }],
  ['a status that is no number of three digits', { status: 99_999 }],
  ['a status between two', { status: 200.5 }],
  ['an interim status', { status: 101 }],
  ['another answer in the reason', { reason: 'OK\r\n\r\nHTTP/1.1 200 OK' }],
  ['no reason', { reason: null }],
  ['a field in the value of another', { headers: { names: ['X-A'], values: ['b\r\nX-Evil: 1'] } }],
  ['a field in the name of another', { headers: { names: ['X-A: b\r\nX-Evil'], values: ['1'] } }],
  ['a field without a name', { headers: { names: [''], values: ['1'] } }],
  ['a value that is none', { headers: { names: ['X-A'], values: [1] } }],
  ['what it depends on as a list', { vary: ['Cookie'] }],
  ['a variant that is none', { variant: {} }],
  ['what is neither true nor false', { headOnly: 1 }],
]

for (const [what, change] of foreign)
  test(`right sums are no reason to believe ${what}`, () => {
    assert.equal(readRecord(writeRecord({ ...record(), ...change } as CacheRecord, 12)), null)
  })
