import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { cutRange, readRange } from '../../../src/response/filters/range.ts'
import { answerHead } from '../../support/answer-head.ts'
import { cut, filtered } from '../../support/filtered.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

test('a range is read as nginx reads it', () => {
  const read: [asked: string, range: unknown][] = [
    ['bytes=0-4', { from: 0, to: 5 }],
    ['BYTES=5-', { from: 5, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-30', { from: 0, to: 10 }],
    ['bytes= 2 - 30 ', { from: 2, to: 10 }],
    ['bytes=2-3,20-30', { from: 2, to: 4 }],
    ['bytes=0-1,4-5', 'all'],
    ['items=0-1', 'all'],
    ['bytes=', 'all'],
    ['bytes=10-', 'none'],
    ['bytes=5-2', 'none'],
    ['bytes=x', 'none'],
    ['bytes=--1', 'none'],
    ['bytes=1-2,', 'none'],
    ['bytes=99999999999999999999-', 'none'],
    ['bytes=0-99999999999999999999', 'none'],
    ['bytes=-99999999999999999999', 'none'],
    ['bytes=0-9223372036854775807', { from: 0, to: 10 }],
  ]
  for (const [asked, range] of read) assert.deepEqual(readRange(asked, 10), range, asked)
})

function decide(t: TestContext, asked: string) {
  const visit = visitOf(factsOf(siteOf(t, 'server { }')), { fields: { Range: asked } })
  const head = answerHead(
    { 'Content-Type': 'a/b', ETag: '"a"' },
    { length: 10, rangeable: true, passedOn: true },
  )
  return { head, filter: cutRange(visit, head) }
}

test('of the body only the range goes on, wherever it is cut', async t => {
  const { head, filter } = decide(t, 'bytes=3-6')
  assert.deepEqual([head.status, head.length, head.headers.get('content-range')], [206, 4, 'bytes 3-6/10'])
  for (const size of [1, 3, 4, 10]) {
    assert.equal((await filtered(filter!(), cut('0123456789', size))).body.toString(), '3456')
  }
})

test('one that lies beyond the end is answered by a page', async t => {
  const { head, filter } = decide(t, 'bytes=20-')
  const { body } = await filtered(filter!(), ['0123456789'])
  assert.match(body.toString(), /<h1>416 Requested Range Not Satisfiable<\/h1>/)
  const { status, length, headers } = head
  assert.deepEqual([status, length, headers.get('content-range')], [416, body.length, 'bytes */10'])
  assert.deepEqual([headers.get('content-type'), headers.has('etag')], ['text/html', false])
})
