import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgiFraming, findCgiHeadEnd, readCgiHead } from '../../src/gateway/cgi-head.ts'
import { ProtocolError } from '../../src/http1/protocol-error.ts'
import { bytes } from '../http1/messages.ts'
import { Random } from '../support/random.ts'

/** The head of an answer, byte by byte, as one line; and what is left. */
function read(text: string, { statusLine = true, method = 'GET' } = {}): string {
  const all = bytes(text)
  let end = -1
  for (let length = 1; end === -1 && length <= all.length; length++)
    end = findCgiHeadEnd(all.subarray(0, length), length - 1)
  assert.equal(end, findCgiHeadEnd(all, 0), 'the same at once')
  if (end === -1) return 'not whole'
  const head = readCgiHead(all, end, statusLine)
  assert.equal(head.bytes, end)
  const { kind } = cgiFraming(head, method)
  const fields = head.headers.names.map((name, i) => `${name}=${head.headers.values[i]}`).join(' ')
  return `${head.status} "${head.reason}" ${kind} [${fields}] ${JSON.stringify(text.slice(end))}`
}

const HEADS: Record<string, [text: string, seen: string]> = {
  'fields alone': ['Content-Type: text/plain\r\n\r\nbody', '200 "OK" close [Content-Type=text/plain] "body"'],
  'lines that end with LF': ['X: 1\nY: 2\n\nbody', '200 "OK" close [X=1 Y=2] "body"'],
  'a status': ['Status: 404 Not Here\r\n\r\n', '404 "Not Here" close [Status=404 Not Here] ""'],
  'a status without a reason': ['Status: 404\r\n\r\n', '404 "" close [Status=404] ""'],
  'a place to go to': ['Location: /x\r\n\r\n', '302 "Moved Temporarily" close [Location=/x] ""'],
  'a place and a status': [
    'Location: /x\r\nStatus: 301 Moved\r\n\r\n',
    '301 "Moved" close [Location=/x Status=301 Moved] ""',
  ],
  'a status line': ['HTTP/1.1 203 Yes\r\nA: b\r\n\r\n', '203 "Yes" close [A=b] ""'],
  'an old status line': ['HTTP/1.0 200 OK\nA: b\n\n', '200 "OK" close [A=b] ""'],
  'a status beside a status line': [
    'HTTP/1.1 200 OK\r\nStatus: 404 No\r\n\r\n',
    '200 "OK" close [Status=404 No] ""',
  ],
  'a length': ['Content-Length: 5\r\n\r\nhello', '200 "OK" length [Content-Length=5] "hello"'],
  'a 304 with a length': [
    'Status: 304\r\nContent-Length: 5\r\n\r\n',
    '304 "" none [Status=304 Content-Length=5] ""',
  ],
  'a coding, which is none of this hop': [
    'Transfer-Encoding: chunked\r\n\r\n5\r\n',
    '200 "OK" close [] "5\\r\\n"',
  ],
  'no fields': ['\r\nbody', '200 "OK" close [] "body"'],
  'no fields, and LF': ['\nbody', '200 "OK" close [] "body"'],
  'a fold': ['X: 1\r\n 2\r\n\r\n', '200 "OK" close [X=1 2] ""'],
  'half of it': ['Content-Type: te', 'not whole'],
}

for (const [name, [text, seen]] of Object.entries(HEADS)) test(name, () => assert.equal(read(text), seen))

test('HEAD has no body, whatever is announced', () => {
  assert.match(read('Content-Length: 5\r\n\r\n', { method: 'HEAD' }), /^200 "OK" none/)
})

test('FastCGI knows no status line', () => {
  assert.throws(() => read('HTTP/1.1 200 OK\r\n\r\n', { statusLine: false }), ProtocolError)
})

const NONE: Record<string, [text: string, why: RegExp]> = {
  'a status that is none': ['Status: fine\r\n\r\n', /invalid status "fine"/],
  'a status of two digits': ['Status: 20\r\n\r\n', /invalid status/],
  'a status of four digits': ['Status: 2000\r\n\r\n', /invalid status/],
  'a status beyond all': ['Status: 600 X\r\n\r\n', /invalid status/],
  'another protocol': ['Status: 101\r\nUpgrade: websocket\r\n\r\n', /101 Switching Protocols/],
  'an interim answer': ['HTTP/1.1 100 Continue\r\n\r\n', /interim answer, 100/],
  'a name with a space': ['X Y: 1\r\n\r\n', /white space/],
  'a line without a colon': ['Traceback\r\n\r\n', /without a colon/],
  'a control character': ['X: a\x01b\r\n\r\n', /control character/],
  'a bare CR': ['X: a\rb\r\n\r\n', /bare CR/],
  'a status line of something else': ['HTTP/2 200\r\n\r\n', /status line/],
  'two lengths': ['Content-Length: 1\r\nContent-Length: 1\r\n\r\n', /duplicate/],
  'a length that is none': ['Content-Length: +1\r\n\r\n', /invalid "Content-Length"/],
  'a length and a coding': ['Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', /at the same time/],
  'an unknown coding': ['Transfer-Encoding: gzip\r\n\r\n', /unknown "Transfer-Encoding"/],
}

for (const [name, [text, why]] of Object.entries(NONE)) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => read(text),
      (error: unknown) => {
        assert.ok(error instanceof ProtocolError, String(error))
        assert.match(error.detail, why)
        assert.match(error.detail, /^[ -~…]{1,200}$/)
        return true
      },
    )
  })
}

test('changed at random, it is read or refused', () => {
  const random = new Random(3)
  const whole = 'HTTP/1.1 200 OK\r\nStatus: 404 Not\nContent-Length: 15\r\n X\r\n\r\n'
  for (let round = 0; round < 4000; round++) {
    const changed = bytes(whole)
    for (let times = 1 + random.below(3); times > 0; times--)
      changed[random.below(changed.length)] = random.below(256)
    try {
      const end = findCgiHeadEnd(changed, 0)
      if (end === -1) continue
      const head = readCgiHead(changed, end, random.below(2) === 0)
      assert.ok(head.status >= 200 && head.status < 600)
      cgiFraming(head, 'GET')
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
})
