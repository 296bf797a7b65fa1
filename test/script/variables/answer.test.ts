import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import { HeaderList } from '../../../src/http1/headers.ts'
import type { AnswerHead } from '../../../src/outcome.ts'
import { Visit } from '../../../src/visit.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

const CONFIG = 'events {} http { server { listen 127.0.0.1:8080; } }'

function answer(more: Partial<AnswerHead> = {}): AnswerHead {
  const headers = new HeaderList()
  const base = {
    status: 200,
    reason: '',
    headers,
    length: null,
    lastModified: null,
    rangeable: false,
    passedOn: false,
  }
  return { ...base, ...more }
}

test('before there is an answer, and of what it is made', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  const value = (name: string) => facts.variable(name)(visit)
  assert.deepEqual(['status', 'sent_http_x', 'sent_http_content_length', 'gzip_ratio'].map(value), [
    '000',
    null,
    null,
    null,
  ])
  visit.answer = answer({ length: 12, lastModified: Date.UTC(2024, 1, 3) })
  visit.answer.headers.add('X', '1')
  visit.answer.headers.add('x', '2')
  visit.gzipRatio = 2.71
  visit.bodyBytesSent = 5
  visit.exchange.bytesOut = 150
  visit.trailers = new HeaderList()
  visit.trailers.add('Sum', 'ab')
  const names =
    'status sent_http_x sent_http_content_length sent_http_last_modified gzip_ratio body_bytes_sent bytes_sent'
  assert.deepEqual(names.split(' ').map(value), [
    '200',
    '1, 2',
    '12',
    'Sat, 03 Feb 2024 00:00:00 GMT',
    '2.71',
    '5',
    '150',
  ])
  assert.equal(value('sent_trailer_sum'), 'ab')
  assert.equal(value('request_completion'), '')
  visit.exchange.enter('done')
  assert.equal(value('request_completion'), 'OK')
  assert.equal(value('sent_http_transfer_encoding'), null)
  visit.answer = answer()
  assert.equal(value('sent_http_transfer_encoding'), 'chunked')
  visit.answer = answer({ status: 204 })
  assert.equal(value('sent_http_transfer_encoding'), null)
})

test('whoever left is told as nginx tells it: with 400 while the request came, with 499 later', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  for (const [phase, status] of [
    ['receiving', '400'],
    ['queued', '499'],
    ['waiting', '499'],
  ] as const) {
    const visit = visitOf(facts)
    visit.exchange.enter(phase)
    visit.exchange.fail(new Failure('client_left', 'in a test'))
    assert.equal(facts.variable('status')(visit), status, phase)
    assert.equal(facts.variable('request_completion')(visit), '')
  }
  const late = visitOf(facts)
  late.exchange.fail(new Failure('request_timeout', 'slow'))
  assert.equal(facts.variable('status')(late), '408')
})

test('a request made for another tells of its own answer once it is there, and shares its variables', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  const { site, exchange, head, connection, server } = visit
  const within = new Visit({
    site,
    exchange,
    head,
    connection,
    server,
    uri: '/auth',
    args: '',
    parent: visit,
  })
  visit.answer = answer({ status: 404 })
  assert.equal(facts.variable('status')(within), '404')
  within.answer = answer()
  within.answer.headers.add('Set-Cookie', 'a=b')
  assert.equal(facts.variable('status')(within), '200')
  assert.equal(facts.variable('sent_http_set_cookie')(within), 'a=b')
  assert.equal(facts.variable('sent_http_set_cookie')(visit), null)
  assert.equal(facts.variable('uri')(within), '/auth')
  within.variables.set('x', '1')
  assert.equal(visit.variables.get('x'), '1')
  assert.equal(facts.variable('request_id')(within), facts.variable('request_id')(visit))
})

test('what fields follow goes in chunks, however long it is known to be', t => {
  const facts = factsOf(siteOf(t, CONFIG))
  const visit = visitOf(facts)
  visit.answer = answer({ length: 12, trailing: true })
  const value = (name: string) => facts.variable(name)(visit)
  assert.equal(value('sent_http_content_length'), null)
  assert.equal(value('sent_http_transfer_encoding'), 'chunked')
})
