import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { AnswerHead } from '../../../src/outcome.ts'
import type { BodyFilter } from '../../../src/response/body-filter.ts'
import { contentTypeOf } from '../../../src/response/filters/content-type.ts'
import { compress, decompress } from '../../../src/response/filters/gzip.ts'
import type { Visit } from '../../../src/visit.ts'
import { answerHead, linesOf } from '../../support/answer-head.ts'
import { cut, filtered } from '../../support/filtered.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const HTML = { 'Content-Type': 'text/html' }
const TAKES = { 'Accept-Encoding': 'gzip' }

function visit(t: TestContext, lines: string, fields: Record<string, string> = TAKES): Visit {
  return visitOf(factsOf(siteOf(t, `server { location / { ${lines} } }`)), { fields })
}

function decide(asked: Visit, head: AnswerHead): BodyFilter | null {
  return compress(asked, head, contentTypeOf(head)).filter?.() ?? null
}

test('what is worth it is compressed, and its head says so', async t => {
  const asked = visit(t, 'gzip on;')
  const head = answerHead({ ...HTML, ETag: '"a"', 'Accept-Ranges': 'bytes' }, { rangeable: true })
  const filter = decide(asked, head)!
  const lines = ['Content-Type: text/html', 'ETag: W/"a"', 'Content-Encoding: gzip']
  assert.deepEqual([linesOf(head.headers), head.length, head.rangeable], [lines, null, false])
  const text = 'compress me '.repeat(20_000)
  const { body } = await filtered(filter, cut(text, 10_000))
  assert.equal(gunzipSync(body).toString(), text)
  assert.ok(Math.abs(asked.gzipRatio - text.length / body.length) < 0.001)
})

test('what is not, goes as it is', t => {
  const asked = visit(t, 'gzip on; gzip_min_length 100;')
  const heads: [why: string, head: AnswerHead][] = [
    ['type', answerHead({ 'Content-Type': 'image/png' })],
    ['type with a parameter', answerHead({ 'Content-Type': 'text/html; a=b' })],
    ['no type', answerHead()],
    ['short', answerHead(HTML, { length: 99 })],
    ['status', answerHead(HTML, { status: 500 })],
    ['part', answerHead(HTML, { status: 206 })],
    ['encoded', answerHead({ ...HTML, 'Content-Encoding': 'br' })],
  ]
  for (const [why, head] of heads) {
    assert.deepEqual(compress(asked, head, contentTypeOf(head)), { filter: null, varies: false }, why)
  }
  const head = answerHead(HTML)
  const decision = compress(visit(t, 'gzip on;', {}), head, contentTypeOf(head))
  assert.deepEqual(decision, { filter: null, varies: true })
})

test('an app’s charset is no part of its type', t => {
  const head = answerHead({ 'Content-Type': 'Text/HTML; charset=utf-8' }, { passedOn: true, length: null })
  assert.notEqual(decide(visit(t, 'gzip on;'), head), null)
})

test('a short body costs little memory, and a long one is compressed as well as the file lets it', async t => {
  for (const length of [1, 300, 5_000, 200_000]) {
    const text = 'xyz'.repeat(length)
    const filter = decide(visit(t, 'gzip on; gzip_min_length 0;'), answerHead(HTML, { length: text.length }))!
    assert.equal(gunzipSync((await filtered(filter, [text])).body).toString(), text)
  }
})

test('what is short goes out in one piece, and the head of the format in none of its own', async t => {
  for (const [text, most] of [
    ['', 1],
    ['a word', 1],
    ['much '.repeat(100_000), 20],
  ] as const) {
    const filter = decide(visit(t, 'gzip on; gzip_min_length 0;'), answerHead(HTML, { length: text.length }))!
    const out: Buffer[] = []
    const over = new Promise<void>(resolve => (filter.onEnd = resolve))
    filter.onData = piece => out.push(piece) > 0
    if (text !== '') filter.write(Buffer.from(text))
    filter.end()
    await over
    assert.ok(out.length <= most, `${text.length} bytes in ${out.length} pieces`)
    assert.equal(gunzipSync(Buffer.concat(out)).toString(), text)
  }
})

test('a pause sends on what has come so far', async t => {
  const filter = decide(visit(t, 'gzip on;'), answerHead(HTML, { length: null }))!
  t.after(() => filter.destroy())
  const out: Buffer[] = []
  const flushed = new Promise<void>(resolve => {
    filter.onData = piece => {
      out.push(piece)
      if (unzipped(out) === 'first piece') resolve()
      return true
    }
  })
  filter.write(Buffer.from('first piece'))
  filter.flush()
  await flushed
  assert.equal(unzipped(out), 'first piece')
})

function unzipped(pieces: readonly Buffer[]): string {
  return gunzipSync(Buffer.concat(pieces), { finishFlush: 2 }).toString()
}

test('a slow taker bounds what is made, and nothing is lost', async t => {
  const size = 8 * 1024 * 1024
  const filter = decompress(visit(t, 'gunzip on;', {}), answerHead({ 'Content-Encoding': 'gzip' })).filter!()
  const steps = new EventTarget()
  let [given, waiting] = [0, false]
  filter.onData = piece => {
    assert.equal(waiting, false, 'nothing comes while there is no room')
    given += piece.length
    waiting = true
    steps.dispatchEvent(new Event('step'))
    return false
  }
  const ended = new Promise<void>(resolve => {
    filter.onEnd = resolve
  })
  const first = once(steps, 'step')
  filter.write(gzipSync(Buffer.alloc(size)))
  filter.end()
  await first
  assert.ok(given <= 64 * 1024, `${given} bytes at once`)
  filter.onData = piece => {
    given += piece.length
    return true
  }
  filter.resume()
  await ended
  assert.equal(given, size)
})

test('what came compressed is undone for those who do not take it', async t => {
  const head = answerHead({ ...HTML, 'Content-Encoding': 'GZIP', ETag: '"a"', 'Accept-Ranges': 'bytes' })
  const { filter, varies } = decompress(visit(t, 'gunzip on;', {}), head)
  assert.equal(varies, true)
  const lines = ['Content-Type: text/html', 'ETag: W/"a"']
  assert.deepEqual([linesOf(head.headers), head.length], [lines, null])
  const { body } = await filtered(filter!(), [gzipSync('some text')])
  assert.equal(body.toString(), 'some text')
  const takes = decompress(visit(t, 'gunzip on;'), answerHead({ 'Content-Encoding': 'gzip' }))
  assert.deepEqual(takes, { filter: null, varies: true })
  const off = decompress(visit(t, '', {}), answerHead({ 'Content-Encoding': 'gzip' }))
  assert.deepEqual(off, { filter: null, varies: false })
})

test('of several codings the last one is undone, where it is gzip', async t => {
  const lines = (...codings: string[]) => {
    const head = answerHead()
    for (const coding of codings) head.headers.add('Content-Encoding', coding)
    const { filter } = decompress(visit(t, 'gunzip on;', {}), head)
    return [filter !== null, ...head.headers.all('content-encoding')]
  }
  assert.deepEqual(lines('deflate, gzip'), [true, 'deflate'])
  assert.deepEqual(lines('a, b', 'c,\tGZIP'), [true, 'a,b,c'])
  assert.deepEqual(lines('gzip, deflate'), [false, 'gzip, deflate'])
  assert.deepEqual(lines('gzip, '), [true])
  assert.deepEqual(lines(), [false])
})

test('what is no gzip, or ends too early, is an error and no answer', async t => {
  const asked = visit(t, 'gunzip on;', {})
  const make = () => decompress(asked, answerHead({ 'Content-Encoding': 'gzip' })).filter!()
  await assert.rejects(filtered(make(), ['plain text']), /incorrect header check/)
  const early = gzipSync('x'.repeat(1000)).subarray(0, 20)
  await assert.rejects(filtered(make(), [early]), /unexpected end of file/)
})
