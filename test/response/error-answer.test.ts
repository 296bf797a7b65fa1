import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES, Failure, type FailureCode } from '../../src/errors.ts'
import { errorAnswer, preferredForm } from '../../src/response/error-answer.ts'
import { readAnswer, value } from '../support/answer.ts'

function answerTo(code: FailureCode, options: Partial<Parameters<typeof errorAnswer>[1]> = {}) {
  const text = errorAnswer(new Failure(code, 'connect ECONNREFUSED 10.0.0.9:8000'), {
    id: 'id-1',
    method: 'GET',
    accept: '',
    keepAlive: true,
    sayKeepAlive: false,
    ...options,
  })
  const bytes = Buffer.from(text, 'latin1')
  const answer = readAnswer(bytes, options.method ?? 'GET')
  assert.ok(answer?.whole)
  assert.equal(answer.size, bytes.length, 'nothing follows the answer')
  return { ...answer, text }
}

for (const [accept, form] of [
  ['', 'text'],
  ['*/*', 'text'],
  ['text/*', 'text'],
  ['text/html', 'html'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'html'],
  ['application/xhtml+xml', 'html'],
  ['application/json', 'json'],
  ['application/problem+json', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['text/plain, application/json', 'text'],
  ['text/html;q=0.5, application/json', 'json'],
  ['application/json;q=0.5, TEXT/HTML ; level=1 ; Q=0.9', 'html'],
  ['application/json;q=0', 'text'],
  ['text/html;q=nonsense', 'text'],
  ['image/png', 'text'],
  [',,;;,', 'text'],
  [`${'a/b,'.repeat(40)}text/html`, 'text'],
] as const) {
  test(`${accept.length > 80 ? 'the 41st of many types' : `Accept: ${accept}`} gets ${form}`, () => {
    assert.equal(preferredForm(accept), form)
  })
}

test('every failure with a status makes a whole answer in every form, and names no internal address', () => {
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    if (FAILURES[code].status === 0) continue
    for (const [accept, type] of [
      ['text/html', 'text/html; charset=utf-8'],
      ['application/json', 'application/json'],
      ['', 'text/plain; charset=utf-8'],
    ] as const) {
      const answer = answerTo(code, { accept })
      assert.equal(answer.status, FAILURES[code].status)
      assert.equal(value(answer, 'content-type'), type)
      assert.equal(value(answer, 'x-request-id'), 'id-1')
      assert.equal(value(answer, 'cache-control'), 'no-store')
      const body = answer.body.toString()
      assert.ok(body.includes('id-1') && body.includes(FAILURES[code].message), body)
      assert.doesNotMatch(answer.text, /10\.0\.0\.9|ECONNREFUSED/)
      assert.equal(value(answer, 'retry-after') !== undefined, answer.status === 503, code)
    }
  }
})

test('the JSON form is JSON', () => {
  assert.deepEqual(JSON.parse(answerTo('queue_full', { accept: 'application/json' }).body.toString()), {
    status: 503,
    error: 'Service Unavailable',
    message: 'The service is busy. Please try again.',
    request_id: 'id-1',
  })
})

test('an id is data: in HTML, in JSON', () => {
  const id = '<script>&"'
  const html = answerTo('bad_request', { accept: 'text/html', id }).body.toString()
  assert.ok(html.includes('&lt;script>&amp;"') && !html.includes('<script'), html)
  const json = JSON.parse(answerTo('bad_request', { accept: 'application/json', id }).body.toString())
  assert.equal(json.request_id, id)
})

test('HEAD gets the head of the same answer and no body', () => {
  const head = answerTo('worker_lost', { method: 'HEAD' })
  assert.ok(head.text.endsWith('\r\n\r\n'))
  assert.equal(value(head, 'content-length'), value(answerTo('worker_lost'), 'content-length'))
})

test('what becomes of the connection is said where it is not understood by itself', () => {
  assert.equal(value(answerTo('queue_full'), 'connection'), undefined)
  assert.equal(value(answerTo('queue_full', { sayKeepAlive: true }), 'connection'), 'keep-alive')
  assert.equal(value(answerTo('queue_full', { keepAlive: false }), 'connection'), 'close')
  assert.equal(value(answerTo('queue_full', { keepAlive: false, sayKeepAlive: true }), 'connection'), 'close')
})
