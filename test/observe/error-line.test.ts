import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorLine } from '../../src/observe/error-line.ts'
import { Visit } from '../../src/visit.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'

const AT = new Date(2026, 10, 28, 9, 5, 7).getTime()
const HEAD = new RegExp(`^2026/11/28 09:05:07 \\[error\\] ${process.pid}#${process.pid}:`)

function text(line: string): string {
  assert.match(line, HEAD)
  return line.replace(HEAD, '')
}

test('without a visit: time, level, process, message', () => {
  assert.equal(text(errorLine('error', 'something', null, AT)), ' something\n')
})

test('with one: whose, where, and what was asked', t => {
  const facts = factsOf(siteOf(t, 'server { server_name a.test b.test; location / { } }'))
  const visit = visitOf(facts, {
    target: '/a?b',
    fields: { Referer: 'http://r/' },
    connection: { number: 7 },
  })
  assert.equal(
    text(errorLine('error', 'access forbidden by rule', visit, AT)),
    ' *7 access forbidden by rule, client: 127.0.0.1, server: a.test, request: "GET /a?b HTTP/1.1", host: "site.test", referrer: "http://r/"\n',
  )
})

test('with the worker that was tried, and of what the request was made for', t => {
  const facts = factsOf(
    siteOf(t, 'server { location / { proxy_pass http://127.0.0.1:9; } location /sub { } }'),
  )
  const main = visitOf(facts, { target: '/a' })
  const { exchange, head, connection, server } = main
  const visit = new Visit({
    site: facts,
    exchange,
    head,
    connection,
    server,
    uri: '/sub',
    args: '',
    parent: main,
  })
  main.tries.push({
    address: '127.0.0.1:9',
    status: 0,
    connectMs: -1,
    headerMs: -1,
    responseMs: -1,
    bytesReceived: 0,
    bytesSent: 0,
    bodyBytes: 0,
  })
  assert.match(
    errorLine('error', 'x', main, AT),
    /, request: "GET \/a HTTP\/1\.1", upstream: "http:\/\/127\.0\.0\.1:9\/a", host/,
  )
  assert.match(
    errorLine('error', 'x', visit, AT),
    /, request: "GET \/a HTTP\/1\.1", subrequest: "\/sub", host/,
  )
})

test('nobody begins a line of his own, and no line is longer than nginx allows', () => {
  assert.equal(
    text(errorLine('error', 'user "a\n2026 [alert]\x00"', null, AT)),
    ' user "a\\x0A2026 [alert]\\x00"\n',
  )
  assert.equal(errorLine('error', 'x'.repeat(5_000), null, AT).length, 2_048)
})
