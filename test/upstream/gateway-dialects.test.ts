import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dialectOf } from '../../src/upstream/gateway-dialects.ts'
import { bytes } from '../http1/messages.ts'
import { answerOf } from '../support/fastcgi.ts'

const SILENT = { told() {}, caught: [] }

test('a body goes over as it is, but in FastCGI’s records', () => {
  assert.equal(dialectOf('uwsgi', 'GET', SILENT).coding, null)
  assert.equal(dialectOf('scgi', 'GET', SILENT).coding, null)
  const { coding } = dialectOf('fastcgi', 'GET', SILENT)
  assert.equal(coding?.before(3), '\x01\x05\0\x01\0\x03\x05\0')
  assert.equal(coding?.after(3), '\0'.repeat(5))
})

test('each reads its own answers, by the method that was asked with', () => {
  const seen: string[] = []
  for (const [gateway, answer] of [
    ['uwsgi', 'HTTP/1.1 200 OK\r\n\r\nx'],
    ['scgi', 'Status: 200\n\nx'],
    ['fastcgi', answerOf('Status: 200\n\nx')],
  ] as const) {
    for (const method of ['GET', 'HEAD']) {
      const reader = dialectOf(gateway, method, SILENT).reader({
        onInterim() {},
        onHead: (head, framing) => void seen.push(`${gateway} ${method} ${head.status} ${framing.kind}`),
        data() {},
        end() {},
      })
      reader.push(bytes(answer))
    }
  }
  assert.deepEqual(seen, [
    'uwsgi GET 200 close',
    'uwsgi HEAD 200 none',
    'scgi GET 200 close',
    'scgi HEAD 200 none',
    'fastcgi GET 200 close',
    'fastcgi HEAD 200 none',
  ])
})
