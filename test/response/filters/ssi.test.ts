import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BodyTaker, Fetcher } from '../../../src/fetcher.ts'
import { contentTypeOf } from '../../../src/response/filters/content-type.ts'
import { includes } from '../../../src/response/filters/ssi.ts'
import { rig } from '../../spool/rig.ts'
import { answerHead, linesOf } from '../../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

interface Asked {
  readonly uri: string
  readonly args: string | null
  readonly taker: BodyTaker
  status: number
  resumed: number
  destroyed: boolean
}

/** A page, whose includes are answered when the test says so. */
function page(t: TestContext, lines = 'ssi on;') {
  const { store } = rig(t, { memory: 1 << 20, disk: 0 })
  const asked: Asked[] = []
  const fetcher: Fetcher = {
    fetch(_visit, to, taker) {
      const one: Asked = { ...to, taker, status: 200, resumed: 0, destroyed: false }
      asked.push(one)
      return {
        resume: () => void one.resumed++,
        destroy: () => void (one.destroyed = true),
        status: () => one.status,
      }
    },
    openSpool: () => store.spool('response', null, false),
  }
  const said: string[] = []
  const visit = visitOf(factsOf(siteOf(t, `server { location / { ${lines} } }`), said))
  visit.fetcher = fetcher
  const fields = {
    'Content-Type': 'text/html',
    ETag: '"a"',
    'Last-Modified': 'Thu, 05 Nov 2015 12:00:00 GMT',
  }
  const head = answerHead(fields, { lastModified: 1_446_724_800_000 })
  const make = includes(visit, head, contentTypeOf(head))
  const out = { text: '', ended: false, rooms: 0, full: false, error: '' }
  const filter = make?.() ?? null
  if (filter !== null) {
    filter.onData = piece => {
      out.text += piece.toString('latin1')
      return !out.full
    }
    filter.onEnd = () => void (out.ended = true)
    filter.onRoom = () => void out.rooms++
    filter.onError = detail => void (out.error = detail)
  }
  return { filter: filter!, out, asked, head, visit, said }
}

test('only pages of its types are read, and have no length or date of their own', t => {
  const { head, filter } = page(t)
  assert.deepEqual(
    [head.length, head.lastModified, linesOf(head.headers)],
    [null, null, ['Content-Type: text/html']],
  )
  filter.destroy()
  assert.equal(page(t, 'ssi off;').filter, null)
  const kept = page(t, 'ssi on; ssi_last_modified on;')
  assert.deepEqual([kept.head.headers.get('etag'), kept.head.headers.has('last-modified')], ['W/"a"', true])
})

test('what follows an include waits for it, whatever comes meanwhile', t => {
  const { filter, out, asked } = page(t)
  assert.equal(
    filter.write(Buffer.from('a<!--#include virtual="/x?y" -->b<!--#include virtual="/z" -->')),
    false,
  )
  filter.write(Buffer.from('c'))
  filter.end()
  assert.equal(out.text, 'a')
  assert.deepEqual([asked.length, asked[0]!.uri, asked[0]!.args], [1, '/x', 'y'])
  asked[0]!.taker.data(Buffer.from('1'))
  asked[0]!.taker.data(Buffer.from('2'))
  asked[0]!.taker.end(null)
  assert.equal(out.text, 'a12b')
  asked[1]!.taker.end(null)
  assert.deepEqual([out.text, out.ended, out.error], ['a12bc', true, ''])
})

test('room is asked for on the way through, and given', t => {
  const { filter, out, asked } = page(t)
  out.full = true
  assert.equal(filter.write(Buffer.from('text')), false)
  assert.equal(filter.write(Buffer.from('more<!--#include virtual="/x" -->')), false)
  assert.equal(out.text, 'text')
  filter.resume()
  assert.equal(out.text, 'textmore')
  assert.equal(asked[0]!.taker.data(Buffer.from('!')), false)
  filter.resume()
  assert.equal(asked[0]!.resumed, 1)
  out.full = false
  asked[0]!.taker.end(null)
  filter.resume()
  assert.equal(out.rooms, 1)
  filter.end()
  assert.deepEqual([out.text, out.ended], ['textmore!', true])
})

test('a block stands for what is empty, and for an error', t => {
  const { filter, out, asked } = page(t)
  const block = '<!--#block name="b" -->[<!--#echo var="uri" -->]<!--#endblock -->'
  const stubbed = '<!--#include virtual="/x" stub="b" -->'
  filter.write(Buffer.from(`${block}${stubbed}${stubbed}${stubbed}.`))
  asked[0]!.taker.end(null)
  asked[1]!.status = 404
  asked[1]!.taker.data(Buffer.from('not found'))
  asked[1]!.taker.end(null)
  asked[2]!.taker.data(Buffer.from('found'))
  asked[2]!.taker.end(null)
  filter.end()
  assert.equal(out.text, '[/][/]found.')
})

test('a block that has the include it stands for comes to an end before it is as large as memory', t => {
  const { filter, out, asked, said } = page(t)
  const stubbed = '<!--#include virtual="/x" stub="b" -->'
  filter.write(Buffer.from(`<!--#block name="b" -->${stubbed}${'x'.repeat(60_000)}<!--#endblock -->`))
  filter.write(Buffer.from(stubbed))
  for (let i = 0; i < asked.length; i++) asked[i]!.taker.end(null)
  filter.end()
  assert.deepEqual([asked.length, out.text.length], [18, 17 * 60_000])
  assert.deepEqual(said, ['error: too many blocks in place of includes, "b" is left out'])
})

test('a variable has what is included, instead of the page', t => {
  const { filter, out, asked, said } = page(t)
  filter.write(Buffer.from('<!--#include virtual="/x" set="v" --><!--#echo var="v" -->|'))
  asked[0]!.taker.data(Buffer.from('one '))
  asked[0]!.taker.data(Buffer.from('two'))
  asked[0]!.taker.end(null)
  filter.write(Buffer.from('<!--#include virtual="/long" set="w" --><!--#echo var="w" -->'))
  for (let i = 0; i < 65; i++) asked[1]!.taker.data(Buffer.alloc(1024, 'x'))
  asked[1]!.taker.end(null)
  filter.end()
  assert.equal(out.text, 'one two|(none)')
  assert.deepEqual(said, ['error: too big answer of "/long" for a variable'])
})

test('a page that includes itself comes to an end', t => {
  const { filter, out, asked } = page(t)
  const many = '<!--#include virtual="/x" -->'.repeat(1001)
  filter.write(Buffer.from(many))
  for (let i = 0; i < 1000; i++) asked[i]!.taker.end(null)
  filter.end()
  assert.equal(asked.length, 1000)
  assert.equal(out.text, '[an error occurred while processing the directive]')
  const { visit } = page(t)
  let deep = visit
  for (let i = 0; i < 51; i++) deep = Object.assign(Object.create(deep), { parent: deep })
  const head = answerHead({ 'Content-Type': 'text/html' })
  const deepest = includes(deep, head, contentTypeOf(head))!()
  let text = ''
  deepest.onData = piece => Boolean((text += piece))
  deepest.write(Buffer.from('<!--#include virtual="/x" -->'))
  assert.equal(text, '[an error occurred while processing the directive]')
})

test('nobody is told anything once it is destroyed, and what was asked for is let go', t => {
  const { filter, out, asked } = page(t)
  filter.write(Buffer.from('<!--#include virtual="/x" -->b'))
  filter.destroy()
  assert.deepEqual([asked[0]!.destroyed, out.text, out.ended], [true, '', false])
})
