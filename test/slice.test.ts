import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { rangeOf, readSlice, sliceOf } from '../src/slice.ts'
import { answerHead } from './support/answer-head.ts'
import { factsOf, siteOf, visitOf } from './support/visit.ts'

const asked = (t: TestContext, fields: Record<string, string>, size = 'slice 10;') => {
  const slice = sliceOf(visitOf(factsOf(siteOf(t, `http { server { ${size} } }`)), { fields }))
  return slice === null ? null : rangeOf(slice)
}

test('the first slice is the one that the client’s range begins in', t => {
  for (const [range, expected] of [
    ['', 'bytes=0-9'],
    ['bytes=0-3', 'bytes=0-9'],
    ['bytes=25-', 'bytes=20-29'],
    ['BYTES= 30-31', 'bytes=30-39'],
    // The end is not known, several are not joined, and what is no range is none.
    ['bytes=-3', 'bytes=0-9'],
    ['bytes=25-26,40-41', 'bytes=0-9'],
    ['lines=25-', 'bytes=0-9'],
  ] as const) {
    assert.equal(asked(t, range === '' ? {} : { Range: range }), expected, range)
  }
  assert.equal(asked(t, { Range: 'bytes=25-', 'If-Range': '"a"' }), 'bytes=0-9')
  assert.equal(asked(t, { Range: 'bytes=25-' }, ''), null)
})

test('what an app answers is the slice that was asked for, or says what is wrong with it', () => {
  const read = (range: string) => readSlice(answerHead({ 'Content-Range': range }), { start: 20, size: 10 })
  assert.deepEqual(read('bytes 20-29/100'), { end: 30, whole: 100 })
  assert.deepEqual(read('bytes 20-24/25'), { end: 25, whole: 25 })
  assert.equal(read('bytes 20-29/*'), 'no complete length in slice response')
  assert.equal(read('bytes 20-30/100'), 'unexpected range in slice response: 20-31')
  assert.equal(read('bytes 20-24/100'), 'unexpected range in slice response: 20-25')
  assert.equal(read('bytes 0-9/100'), 'unexpected range in slice response: 0-10')
  assert.equal(read('20-29'), 'invalid range in slice response')
  assert.equal(readSlice(answerHead({}), { start: 0, size: 1 }), 'invalid range in slice response')
})
