import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { AnswerHead } from '../../../src/outcome.ts'
import { contentTypeOf } from '../../../src/response/filters/content-type.ts'
import { substitute } from '../../../src/response/filters/sub.ts'
import { answerHead, linesOf } from '../../support/answer-head.ts'
import { cut, filtered } from '../../support/filtered.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const HTML = { 'Content-Type': 'text/html' }

function decide(t: TestContext, lines: string, head: AnswerHead) {
  const visit = visitOf(factsOf(siteOf(t, `server { location / { ${lines} } }`)))
  return substitute(visit, head, contentTypeOf(head))
}

/** What becomes of a body however it is cut. */
async function replaced(t: TestContext, lines: string, body: string): Promise<string> {
  const make = decide(t, lines, answerHead(HTML))
  assert.ok(make !== null)
  const whole = (await filtered(make(), [body])).body.toString('latin1')
  for (let size = 1; size < Math.min(body.length, 12); size++) {
    const { body: same } = await filtered(make(), cut(body, size))
    assert.equal(same.toString('latin1'), whole, `in pieces of ${size}`)
  }
  return whole
}

test('a text is replaced once, or wherever it stands, whatever its case', async t => {
  assert.equal(await replaced(t, 'sub_filter foo bar;', 'a foo FOO fo o'), 'a bar FOO fo o')
  assert.equal(await replaced(t, 'sub_filter FOO bar; sub_filter_once off;', 'foo FoO fo'), 'bar bar fo')
  assert.equal(await replaced(t, 'sub_filter foo ""; sub_filter_once off;', 'xfoofoox'), 'xx')
})

test('letters beyond ASCII are themselves', async t => {
  assert.equal(await replaced(t, 'sub_filter "\xe4" x; sub_filter_once off;', '\xc4 \xe4'), '\xc4 x')
})

test('of several the one that begins first is taken, then the one that the file names first', async t => {
  const all = 'sub_filter_once off;'
  assert.equal(await replaced(t, `sub_filter abc 1; sub_filter b 2; ${all}`, 'abcb abd'), '12 a2d')
  assert.equal(await replaced(t, `sub_filter ab 1; sub_filter abc 2; ${all}`, 'abc'), '1c')
  assert.equal(await replaced(t, `sub_filter abc 2; sub_filter ab 1; ${all}`, 'abc abx'), '2 1x')
  assert.equal(await replaced(t, `sub_filter abcd 1; sub_filter bc 2; ${all}`, 'abcx abcd abc'), 'a2x 1 abc')
})

test('each is replaced once by itself', async t => {
  assert.equal(await replaced(t, 'sub_filter a 1; sub_filter b 2;', 'a b a b c'), '1 2 a b c')
  assert.equal(await replaced(t, 'sub_filter aa 1; sub_filter ab 2;', 'aaab aab'), '12 aab')
})

test('what repeats itself is found wherever it is cut', async t => {
  const lines = 'sub_filter aab x; sub_filter_once off;'
  assert.equal(await replaced(t, lines, 'aaab aaaab aabaab aaba'), 'ax aax xx xa')
  assert.equal(await replaced(t, 'sub_filter abab x; sub_filter_once off;', 'ababab abab'), 'xab x')
})

test('what cannot become one of the texts is not kept back', async t => {
  const make = decide(t, 'sub_filter abc x;', answerHead(HTML))!
  const { pieces } = await filtered(make(), ['1234ab', 'd'])
  assert.deepEqual(pieces.map(String), ['1234', 'abd'])
})

test('a large body keeps all of its other bytes', async t => {
  const line = `${'x'.repeat(997)}foo`
  const make = decide(t, 'sub_filter foo "[longer]"; sub_filter_once off;', answerHead(HTML))!
  const body = line.repeat(300)
  const out = (await filtered(make(), cut(body, 65_536))).body.toString()
  assert.equal(out, body.replaceAll('foo', '[longer]'))
})

test('the head no longer says what the bytes were', t => {
  const fields = { ...HTML, ETag: '"a"', 'Last-Modified': 'Thu, 01 Jan 1970 00:00:01 GMT' }
  const head = answerHead(fields, { lastModified: 1000 })
  decide(t, 'sub_filter a b;', head)
  assert.deepEqual(
    [linesOf(head.headers), head.length, head.lastModified],
    [['Content-Type: text/html'], null, null],
  )
  const kept = answerHead(fields, { lastModified: 1000 })
  decide(t, 'sub_filter a b; sub_filter_last_modified on;', kept)
  assert.equal(kept.headers.get('etag'), 'W/"a"')
  assert.equal(kept.headers.get('last-modified'), fields['Last-Modified'])
})

test('other types, empty bodies and texts that turn out empty are left alone', t => {
  assert.equal(decide(t, 'sub_filter a b;', answerHead({ 'Content-Type': 'text/css' })), null)
  assert.equal(decide(t, 'sub_filter a b;', answerHead()), null)
  assert.equal(decide(t, 'sub_filter a b;', answerHead(HTML, { length: 0 })), null)
  assert.equal(decide(t, '', answerHead(HTML)), null)
  const any = 'sub_filter a b; sub_filter_types *;'
  assert.notEqual(decide(t, any, answerHead({ 'Content-Type': 'a/b' })), null)
  assert.notEqual(decide(t, any, answerHead()), null)
})
