import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BodyTaker, Fetcher } from '../../../src/fetcher.ts'
import type { AnswerHead } from '../../../src/outcome.ts'
import { addition } from '../../../src/response/filters/addition.ts'
import { contentTypeOf } from '../../../src/response/filters/content-type.ts'
import { rig } from '../../spool/rig.ts'
import { answerHead } from '../../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const HTML = { 'Content-Type': 'text/html' }

/** A place with these directives, whose other places answer when the test says so. */
function place(t: TestContext, lines: string, head: AnswerHead = answerHead({ ...HTML, ETag: '"a"' })) {
  const { store } = rig(t, { memory: 1 << 20, disk: 0 })
  const asked: { uri: string; taker: BodyTaker; resumed: number; destroyed: boolean }[] = []
  const fetcher: Fetcher = {
    fetch(_visit, { uri }, taker) {
      const one = { uri, taker, resumed: 0, destroyed: false }
      asked.push(one)
      return {
        resume: () => void one.resumed++,
        destroy: () => void (one.destroyed = true),
        status: () => 200,
      }
    },
    openSpool: () => store.spool('response', null, false),
  }
  const visit = visitOf(factsOf(siteOf(t, `server { location / { ${lines} } }`)))
  visit.fetcher = fetcher
  const make = addition(visit, head, contentTypeOf(head))
  return { head, asked, make, visit }
}

/** The filter, with what comes out of it; `full` says that nobody takes more. */
function watched(make: ReturnType<typeof addition>) {
  const filter = make!()
  const seen = { text: '', ends: 0, rooms: 0, wrong: '', full: false }
  filter.onData = piece => {
    seen.text += piece.toString('latin1')
    return !seen.full
  }
  filter.onEnd = () => void seen.ends++
  filter.onRoom = () => void seen.rooms++
  filter.onError = detail => void (seen.wrong = detail)
  return { filter, seen }
}

test('what the head says of the bytes is taken back', t => {
  const { head, make } = place(
    t,
    'add_after_body /foot;',
    answerHead({ ...HTML, ETag: '"a"', 'Accept-Ranges': 'bytes' }, { length: 4, rangeable: true }),
  )
  assert.ok(make !== null)
  assert.deepEqual(
    [head.length, head.rangeable, head.headers.get('etag'), head.headers.get('accept-ranges')],
    [null, false, 'W/"a"', undefined],
  )
})

test('another status, another type, and what was made for another request are left alone', t => {
  assert.equal(place(t, '').make, null)
  assert.equal(place(t, 'add_after_body /foot;', answerHead(HTML, { status: 404 })).make, null)
  assert.equal(place(t, 'add_after_body /foot;', answerHead({ 'Content-Type': 'text/css' })).make, null)
  const { visit, head } = place(t, 'add_after_body /foot;')
  visit.fetcher = null
  assert.equal(addition(visit, head, contentTypeOf(head)), null)
})

test('the body waits for what stands before it, and what follows is asked for at its end', t => {
  const { make, asked } = place(t, 'add_before_body /head; add_after_body /foot;')
  const { filter, seen } = watched(make)
  assert.equal(filter.write(Buffer.from('one ')), true, 'whoever writes it need not wait')
  filter.write(Buffer.from('two '))
  asked[0]!.taker.data(Buffer.from('head '))
  assert.equal(seen.text, 'head ')
  asked[0]!.taker.end(null)
  assert.equal(seen.text, 'head one two ')
  filter.write(Buffer.from('three '))
  assert.equal(asked.length, 1)
  filter.end()
  assert.deepEqual([seen.text, seen.ends], ['head one two three ', 0])
  asked[1]!.taker.data(Buffer.from('foot'))
  asked[1]!.taker.end(null)
  assert.deepEqual([seen.text, seen.ends], ['head one two three foot', 1])
  assert.deepEqual(
    asked.map(({ uri }) => uri),
    ['/head', '/foot'],
  )
})

test('an empty body has what stands before and after it', t => {
  const { make, asked } = place(t, 'add_before_body /head; add_after_body /foot;')
  const { filter, seen } = watched(make)
  filter.end()
  asked[0]!.taker.data(Buffer.from('a'))
  asked[0]!.taker.end(null)
  asked[1]!.taker.data(Buffer.from('b'))
  asked[1]!.taker.end(null)
  assert.deepEqual([seen.text, seen.ends], ['ab', 1])
})

test('everybody goes at the pace of whoever takes it', t => {
  const { make, asked } = place(t, 'add_before_body /head;')
  const { filter, seen } = watched(make)
  filter.write(Buffer.from('one '))
  seen.full = true
  assert.equal(asked[0]!.taker.data(Buffer.from('head ')), false)
  filter.resume()
  assert.equal(asked[0]!.resumed, 1)
  asked[0]!.taker.end(null)
  assert.equal(seen.text, 'head one ')
  assert.equal(filter.write(Buffer.from('two ')), true, 'it waits in the spool')
  seen.full = false
  filter.resume()
  assert.equal(seen.text, 'head one two ')
  seen.full = true
  assert.equal(filter.write(Buffer.from('three')), false)
  filter.resume()
  assert.equal(seen.rooms, 1)
  filter.end()
  assert.deepEqual([seen.text, seen.ends], ['head one two three', 1])
})

test('what cannot be had breaks the answer; nobody is asked once it is not wanted', t => {
  const { make, asked } = place(t, 'add_before_body /head;')
  const first = watched(make)
  first.filter.write(Buffer.from('one'))
  asked[0]!.taker.end('it broke')
  assert.deepEqual([first.seen.text, first.seen.wrong], ['', '"/head" could not be added: it broke'])
  const second = watched(make)
  second.filter.write(Buffer.from('one'))
  second.filter.destroy()
  assert.equal(asked[1]!.destroyed, true)
  assert.equal(second.filter.write(Buffer.from('two')), true)
  second.filter.end()
  assert.deepEqual([second.seen.ends, asked.length], [0, 2])
})
