import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { responseFraming } from '../../src/http1/framing.ts'
import { upstreamFields } from '../../src/response/upstream-fields.ts'
import { linesOf, listOf } from '../support/answer-head.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

function received(t: TestContext, lines: string, fields: Record<string, string>, status = 200) {
  const place = `server { location /app/ { proxy_pass http://127.0.0.1:8000; ${lines} } }`
  const visit = visitOf(factsOf(siteOf(t, place)), { target: '/app/x' })
  const answer = { minor: 1, status, reason: 'Fine', headers: listOf(fields), bytes: 0 } as const
  return { ...upstreamFields(visit, answer, responseFraming(answer, 'GET')), visit }
}

const FIELDS = {
  Date: 'Thu, 01 Jan 1970 00:00:01 GMT',
  Server: 'gunicorn',
  'X-Pad': 'avoid browser bug',
  'X-Accel-Expires': '10',
  'X-Powered-By': 'Flask',
  Connection: 'close, X-Hop',
  'X-Hop': '1',
  'Content-Length': '12',
}

test('what is nginx’s own or speaks to it is hidden, unless it is to be passed', t => {
  const { head } = received(t, '', FIELDS)
  assert.deepEqual(linesOf(head.headers), ['X-Powered-By: Flask'])
  assert.deepEqual([head.status, head.reason, head.length, head.passedOn], [200, 'Fine', 12, true])
  const more = received(
    t,
    'proxy_hide_header X-Powered-By; proxy_pass_header Server; proxy_pass_header date;',
    FIELDS,
  )
  assert.deepEqual(linesOf(more.head.headers), [`Date: ${FIELDS.Date}`, 'Server: gunicorn'])
})

test('a length is what the app says of a body that it does not send in chunks', t => {
  assert.equal(received(t, '', { 'Transfer-Encoding': 'chunked' }).head.length, null)
  assert.equal(received(t, '', {}).head.length, null)
  assert.equal(received(t, '', { 'Content-Length': '5' }, 204).head.length, null)
  assert.equal(received(t, '', { 'Content-Length': '5' }, 304).head.length, 5)
})

test('where it leads is rewritten, and a path that comes of it is to be made absolute', t => {
  const fields = { Location: 'http://127.0.0.1:8000/y', Refresh: '5; URL=http://127.0.0.1:8000/z' }
  const { head, relocated } = received(t, '', fields, 302)
  assert.deepEqual(linesOf(head.headers), ['Location: /y', 'Refresh: 5; URL=/z'])
  assert.equal(relocated, true)
  const other = received(t, '', { Location: '/y' }, 302)
  assert.deepEqual([linesOf(other.head.headers), other.relocated], [['Location: /y'], false])
})

test('what it says to the proxy is told, unless it is not listened to', t => {
  const fields = {
    'X-Accel-Redirect': '/internal/x',
    'X-Accel-Buffering': 'No',
    'X-Accel-Charset': 'koi8-r',
    'X-Accel-Limit-Rate': '1024',
    'Content-Type': 'text/plain',
    'Set-Cookie': 'a=b',
    'X-Other': '1',
  }
  const said = received(t, '', fields)
  assert.deepEqual(
    [said.accelRedirect, said.buffering, said.head.charset, said.visit.limitRate],
    ['/internal/x', false, 'koi8-r', 1024],
  )
  assert.deepEqual(said.kept, [
    ['Content-Type', 'text/plain'],
    ['Set-Cookie', 'a=b'],
  ])
  const ignored = received(
    t,
    'proxy_ignore_headers X-Accel-Redirect X-Accel-Buffering X-Accel-Charset X-Accel-Limit-Rate;',
    fields,
  )
  assert.deepEqual(
    [ignored.accelRedirect, ignored.buffering, ignored.head.charset, ignored.visit.limitRate],
    [null, null, undefined, null],
  )
})

test('ranges that are made here are not the app’s', t => {
  const { head } = received(t, 'proxy_force_ranges on;', { 'Accept-Ranges': 'none' })
  assert.deepEqual([linesOf(head.headers), head.rangeable], [[], true])
  assert.deepEqual(linesOf(received(t, '', { 'Accept-Ranges': 'none' }).head.headers), [
    'Accept-Ranges: none',
  ])
})

test('of several types the last counts', t => {
  const place = 'server { location / { proxy_pass http://127.0.0.1:8000; } }'
  const headers = listOf({ 'Content-Type': 'text/plain' })
  headers.add('content-type', 'text/html')
  const visit = visitOf(factsOf(siteOf(t, place)))
  const { head } = upstreamFields(
    visit,
    { minor: 1, status: 200, reason: '', headers, bytes: 0 },
    { kind: 'close' },
  )
  assert.deepEqual(linesOf(head.headers), ['content-type: text/html'])
})

test('an error page in its place says whom a 401 wants to see, and nothing else of it', t => {
  const fields = { 'WWW-Authenticate': 'Basic realm="x"', 'Set-Cookie': 'a=b' }
  assert.deepEqual(received(t, '', fields, 401).challenge, [['WWW-Authenticate', 'Basic realm="x"']])
  assert.deepEqual(received(t, '', fields, 403).challenge, [])
})
