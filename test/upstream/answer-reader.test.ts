import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from '../../src/http1/protocol-error.ts'
import { AnswerReader } from '../../src/upstream/answer-reader.ts'
import { bytes, splits } from '../http1/messages.ts'
import { garbage } from '../support/zoo.ts'

/** What was read, as one line: heads by status and framing, the body as text. */
function read(pieces: Iterable<Buffer>, method = 'GET', closed = true): string {
  let body = ''
  const seen: string[] = []
  const reader = new AnswerReader(method, {
    onInterim: head => seen.push(`interim ${head.status}`),
    onHead: (head, framing) => seen.push(`head ${head.status} ${framing.kind}`),
    data: chunk => (body += chunk.toString('latin1')),
    end: trailers => seen.push(`end ${JSON.stringify(body)}${trailers === null ? '' : ` ${trailers.names}`}`),
  })
  for (const piece of pieces) if (piece.length > 0) reader.push(piece)
  const done = reader.done
  if (closed) seen.push(reader.finish() ? 'whole' : reader.begun ? 'broken' : 'nothing')
  if (done !== seen.some(line => line.startsWith('end')) && !seen.includes('whole')) seen.push('done differs')
  return seen.join(', ')
}

const answers: Record<string, [message: string, seen: string, method?: string]> = {
  'a length': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'head 200 length, end "hello", whole'],
  'a length of nothing': ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'head 200 length, end "", whole'],
  'bytes beyond the length': [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more\r\n\r\n',
    'head 200 length, end "hello", whole',
  ],
  'a second answer': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    'head 200 length, end "ok", whole',
  ],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\nmore',
    'head 200 chunked, end "hello world", whole',
  ],
  trailers: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n',
    'head 200 chunked, end "ok" X-Sum, whole',
  ],
  'the end of the connection': ['HTTP/1.1 200 OK\r\n\r\nall of it', 'head 200 close, end "all of it", whole'],
  'HTTP/1.0': ['HTTP/1.0 200 OK\r\n\r\nold', 'head 200 close, end "old", whole'],
  'a missing reason': ['HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 'head 200 length, end "ok", whole'],
  'HEAD with a length': [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    'head 200 none, end "", whole',
    'HEAD',
  ],
  'a 204': ['HTTP/1.1 204 No Content\r\n\r\n', 'head 204 none, end "", whole'],
  'a 304 with a length': [
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    'head 304 none, end "", whole',
  ],
  'interim answers': [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 X\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    'interim 103, interim 102, head 200 length, end "ok", whole',
  ],
  'sixteen interim answers': [
    `${'HTTP/1.1 103 X\r\n\r\n'.repeat(16)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
    `${'interim 103, '.repeat(16)}head 200 length, end "", whole`,
  ],
  'a broken length': ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello', 'head 200 length, broken'],
  'broken chunks': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'head 200 chunked, broken',
  ],
  'a head that never ends': ['HTTP/1.1 200 OK\r\nContent-Len', 'nothing'],
  'an interim answer alone': ['HTTP/1.1 103 X\r\n\r\n', 'interim 103, nothing'],
  nothing: ['', 'nothing'],
}

for (const [name, [message, seen, method]] of Object.entries(answers)) {
  test(`${name}: the same wherever it is cut`, () => {
    for (const pieces of splits(bytes(message))) assert.equal(read(pieces, method), seen)
  })
}

function refusal(pieces: Iterable<Buffer>): ProtocolError | null {
  try {
    read(pieces)
    return null
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

const refused: Record<string, string> = {
  ...garbage,
  'a seventeenth interim answer': 'HTTP/1.1 103 X\r\n\r\n'.repeat(17),
  'a 100 that comes again and again': 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17),
  'a 101 after a 103': 'HTTP/1.1 103 X\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a chunk without its line end': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokk\r\n',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
}

for (const [name, message] of Object.entries(refused)) {
  test(`refused: ${name}, wherever it is cut`, () => {
    for (const pieces of splits(bytes(message))) {
      const error = refusal(pieces)
      if (error === null) assert.fail(`not refused in ${pieces.length} pieces: ${read(pieces)}`)
      assert.match(error.detail, /^[ -~…]{1,200}$/)
    }
  })
}

test('a head may be as large as 64 KB, and no larger', () => {
  const head = (size: number) => {
    const [start, end] = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ', '\r\n\r\n']
    return bytes(start + 'x'.repeat(size - start.length - end.length) + end)
  }
  const cut = (message: Buffer) =>
    Array.from({ length: Math.ceil(message.length / 1000) }, (_, i) =>
      message.subarray(i * 1000, (i + 1) * 1000),
    )
  assert.equal(read(cut(head(64 * 1024))), 'head 200 length, end "", whole')
  assert.equal(refusal(cut(head(66 * 1024)))?.kind, 'head_too_large')
})

test('what there is of a head that never became whole can be quoted', () => {
  const reader = new AnswerReader('GET', { onInterim() {}, onHead() {}, data() {}, end() {} })
  assert.equal(String(reader.fragment), 'null')
  reader.push(bytes('HTTP/1.1 2'))
  assert.equal(String(reader.fragment), 'HTTP/1.1 2')
  reader.push(bytes('00 OK\r\n\r\nbody'))
  assert.equal(reader.fragment, null)
})

test('lines of a head may end with LF alone only where that is said, and the body is what follows', () => {
  const answer = Buffer.from(
    'HTTP/1.1 103 Early\nLink: </a>\n\nHTTP/1.1 200 OK\nX-A: 1\r\nContent-Length: 4\n\na\nb\n',
  )
  const read = (bareLf: boolean, piece: number) => {
    const seen: string[] = []
    const reader = new AnswerReader(
      'GET',
      {
        onInterim: ({ status }) => seen.push(String(status)),
        onHead: ({ status, headers }) => seen.push(`${status} ${headers.get('x-a')}`),
        data: chunk => seen.push(chunk.toString()),
        end: () => seen.push('end'),
      },
      bareLf,
    )
    for (let at = 0; at < answer.length; at += piece) reader.push(answer.subarray(at, at + piece))
    return seen
  }
  assert.throws(() => read(false, answer.length), ProtocolError)
  assert.deepEqual(read(true, answer.length), ['103', '200 1', 'a\nb\n', 'end'])
  assert.deepEqual(read(true, 1), ['103', '200 1', 'a', '\n', 'b', '\n', 'end'])
})
