import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BodyTaker } from '../../../src/fetcher.ts'
import { cutRange } from '../../../src/response/filters/range.ts'
import { joinSlices, otherSlices } from '../../../src/response/filters/slice.ts'
import { answerHead } from '../../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const part = (range: string, more: Record<string, string> = {}) => {
  const head = answerHead({ 'Content-Range': range, ETag: '"a"', ...more })
  return Object.assign(head, { status: 206, passedOn: true })
}

/** An answer of 25 bytes in slices of ten, of which the app has given the first. */
function sliced(t: TestContext, range?: string, first = part('bytes 0-9/25')) {
  const facts = factsOf(siteOf(t, 'http { server { slice 10; } }'))
  const visit = visitOf(facts, { fields: range === undefined ? {} : { Range: range } })
  visit.slice = { start: 0, size: 10 }
  const asked: { start: number; taker: BodyTaker; resumed: number; destroyed: boolean }[] = []
  visit.fetcher = {
    fetch: () => assert.fail('nothing else is fetched'),
    openSpool: () => assert.fail('nothing is spooled'),
    slice(_visit, start, taker) {
      const one = { start, taker, resumed: 0, destroyed: false }
      asked.push(one)
      return { resume: () => void one.resumed++, destroy: () => void (one.destroyed = true) }
    },
  }
  const wrong = joinSlices(visit, first)
  const seen = { text: '', ended: false, rooms: 0, wrong: '', full: false }
  cutRange(visit, first)
  const filter = otherSlices(visit)?.() ?? null
  if (filter !== null) {
    filter.onData = piece => {
      seen.text += piece.toString()
      return !seen.full
    }
    filter.onEnd = () => void (seen.ended = true)
    filter.onRoom = () => void seen.rooms++
    filter.onError = detail => void (seen.wrong = detail)
  }
  return { visit, head: first, asked, wrong, seen, filter: filter! }
}

test('one after the other they are the whole, whose head it has', t => {
  const { head, asked, seen, filter } = sliced(t)
  assert.deepEqual([head.status, head.length, head.headers.get('content-range')], [200, 25, undefined])
  assert.equal(head.headers.get('accept-ranges'), 'bytes')
  filter.write(Buffer.from('0123456789'))
  assert.equal(asked.length, 0, 'not before the one before has gone out')
  filter.end()
  asked[0]!.taker.data(Buffer.from('abcdefghij'))
  asked[0]!.taker.end(null)
  asked[1]!.taker.data(Buffer.from('ABCDE'))
  assert.ok(!seen.ended)
  asked[1]!.taker.end(null)
  assert.deepEqual(
    asked.map(({ start }) => start),
    [10, 20],
  )
  assert.deepEqual([seen.text, seen.ended], ['0123456789abcdefghijABCDE', true])
})

test('only those are asked for that the client’s range lies in', t => {
  const end = sliced(t, 'bytes=-3')
  assert.deepEqual([end.head.status, end.head.headers.get('content-range')], [206, 'bytes 22-24/25'])
  end.filter.write(Buffer.from('0123456789'))
  end.filter.end()
  assert.equal(end.asked[0]!.start, 20)
  end.asked[0]!.taker.data(Buffer.from('ABCDE'))
  end.asked[0]!.taker.end(null)
  assert.deepEqual([end.seen.text, end.seen.ended], ['CDE', true])
  const first = sliced(t, 'bytes=2-3')
  first.filter.write(Buffer.from('0123456789'))
  first.filter.end()
  assert.deepEqual([first.seen.text, first.seen.ended, first.asked.length], ['23', true, 0])
  const beyond = sliced(t, 'bytes=30-')
  assert.deepEqual([beyond.head.status, beyond.filter], [416, null])
})

test('a slice that fails, or is not as long as it says, breaks the answer off', t => {
  for (const [bytes, problem, expected] of [
    [0, 'etag mismatch in slice response', 'etag mismatch in slice response'],
    [3, null, 'a slice ended at 13 in place of 20'],
    [11, null, 'a slice goes on beyond 20'],
  ] as const) {
    const { asked, seen, filter } = sliced(t)
    filter.write(Buffer.from('0123456789'))
    filter.end()
    asked[0]!.taker.data(Buffer.alloc(bytes))
    asked[0]!.taker.end(problem)
    assert.deepEqual([seen.wrong, seen.ended, asked.length], [expected, false, 1])
  }
})

test('one that goes on beyond its end is not waited for', t => {
  const { seen, filter } = sliced(t)
  filter.write(Buffer.from('0123456789'))
  assert.equal(seen.wrong, '')
  assert.ok(filter.write(Buffer.from('a')))
  assert.deepEqual([seen.text, seen.wrong], ['0123456789', 'a slice goes on beyond 10'])
  filter.end()
  assert.ok(!seen.ended)
})

test('who has no room waits for the part that is on its way, or for the app', t => {
  const { asked, seen, filter } = sliced(t)
  seen.full = true
  assert.ok(!filter.write(Buffer.from('0123456789')))
  filter.resume()
  assert.equal(seen.rooms, 1)
  filter.end()
  assert.ok(!asked[0]!.taker.data(Buffer.from('abc')))
  filter.resume()
  assert.equal(asked[0]!.resumed, 1)
  filter.destroy()
  assert.ok(asked[0]!.destroyed)
})

test('an app that knows of no parts gives the whole; a wrong part is none', t => {
  const whole = sliced(t, undefined, Object.assign(answerHead({}), { passedOn: true }))
  assert.deepEqual([whole.wrong, whole.filter, whole.visit.slice], [null, null, null])
  const wrong = sliced(t, undefined, part('bytes 3-4/25'))
  assert.equal(wrong.wrong, 'unexpected range in slice response: 3-5')
})

test('of the others each must be of the same answer', t => {
  const { visit: parent } = sliced(t)
  const other = visitOf(parent.site as Parameters<typeof visitOf>[0])
  Object.assign(other, { parent, slice: { start: 10, size: 10 } })
  assert.equal(joinSlices(other, part('bytes 10-19/25')), null)
  const changed = part('bytes 10-19/25', { ETag: '"b"' })
  assert.equal(joinSlices(other, changed), 'etag mismatch in slice response')
  assert.equal(
    joinSlices(other, Object.assign(part(''), { status: 200 })),
    'unexpected status code 200 in slice response',
  )
})
