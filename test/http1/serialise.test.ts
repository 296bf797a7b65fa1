import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerBlock, reasonOf, requestLine, statusLine } from '../../src/http1/serialise.ts'
import { request, response } from './messages.ts'

test('lines are written as RFC 9112 has them', () => {
  assert.equal(requestLine('GET', '/a?b'), 'GET /a?b HTTP/1.1\r\n')
  assert.equal(statusLine(200), 'HTTP/1.1 200 OK\r\n')
  assert.equal(statusLine(404, 'Gone Fishing'), 'HTTP/1.1 404 Gone Fishing\r\n')
  // The space stays without a reason (RFC 9112 §4).
  assert.equal(statusLine(200, ''), 'HTTP/1.1 200 \r\n')
  assert.equal(statusLine(299), 'HTTP/1.1 299 \r\n')
  assert.equal(reasonOf(503), 'Service Unavailable')
  assert.equal(reasonOf(599), '')
})

test('a head that is read and written again is the same, byte for byte', () => {
  const fields = 'Host: a.test\r\nx-B: 1\r\nX-b: \xe4\xff\tz\r\nEmpty: \r\n'
  const first = request(`PUT /x HTTP/1.1\r\n${fields}\r\n`)
  assert.equal(
    requestLine(first.method, first.target) + headerBlock(first.headers.names, first.headers.values),
    `PUT /x HTTP/1.1\r\n${fields}`,
  )
  const second = response(`HTTP/1.1 200 Ok then\r\n${fields}\r\n`)
  assert.equal(
    statusLine(second.status, second.reason) + headerBlock(second.headers.names, second.headers.values),
    `HTTP/1.1 200 Ok then\r\n${fields}`,
  )
  assert.equal(headerBlock([], []), '')
})
