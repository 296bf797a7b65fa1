import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ChunkedDecoder,
  chunkHeader,
  LAST_CHUNK,
  lastChunk,
  MAX_EXTENSIONS,
} from '../../src/http1/chunked.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { bytes, refused, splits } from './messages.ts'

/** Decodes the pieces; returns the payload, how many bytes were consumed, and the trailers. */
function decode(parts: Buffer[]) {
  let data = ''
  let used = 0
  const decoder = new ChunkedDecoder(chunk => {
    assert.ok(chunk.length > 0)
    data += chunk.toString('latin1')
  })
  for (const part of parts) {
    const at = decoder.push(part, 0, part.length)
    used += at
    if (at < part.length) assert.ok(decoder.done, 'bytes were left before the end')
  }
  const { trailers } = decoder
  return {
    data,
    used,
    done: decoder.done,
    trailers: trailers?.names.map((name, i) => `${name}=${trailers.values[i]}`),
  }
}

const whole: [string, string, string[]?][] = [
  ['0\r\n\r\n', ''],
  ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', 'hello world'],
  ['00005\r\nhello\r\n000\r\n\r\n', 'hello'],
  ['a\r\n0123456789\r\nB\r\nabcdefghijk\r\n0\r\n\r\n', '0123456789abcdefghijk'],
  ['4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  ['5;a=b;c="d e"\r\nhello\r\n0;x\r\n\r\n', 'hello'],
  ['5; a\t=\xff\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['1\r\nx\r\n0\r\nA: b\r\nX-C:  d \r\n\r\n', 'x', ['A=b', 'X-C=d']],
  ['0\r\nContent-Length: 5\r\nHost: x\r\nX: y\r\n\r\n', '', ['X=y']],
]
for (const [text, data, trailers] of whole) {
  test(`decodes ${JSON.stringify(text)} alike at every cut, and leaves what follows alone`, () => {
    for (const parts of splits(bytes(text))) {
      assert.deepEqual(
        decode(parts),
        { data, used: text.length, done: true, trailers },
        `cut: ${parts.map(String)}`,
      )
    }
    for (const parts of splits(bytes(text + 'GET / HTTP/1.1\r\n'))) {
      const result = decode(parts)
      assert.deepEqual([result.data, result.done], [data, true])
      if (parts.length > 2) assert.equal(result.used, text.length)
    }
    for (let have = 0; have < text.length; have++)
      assert.equal(decode([bytes(text.slice(0, have))]).done, false)
  })
}

const bad: [string, string, RegExp][] = [
  ['no size', '\r\nhello', /no chunk size/],
  ['an extension without a size', ';a\r\n', /no chunk size/],
  ['a leading space', ' 5\r\nhello\r\n', /no chunk size/],
  ['a space after the size', '5 \r\nhello\r\n', /after a chunk size/],
  ['a space before an extension', '5 ;a\r\nhello\r\n', /after a chunk size/],
  ['a tab after the size', '5\t\r\nhello\r\n', /after a chunk size/],
  ['a prefix', '0x5\r\nhello\r\n', /after a chunk size/],
  ['a sign', '+5\r\nhello\r\n', /no chunk size/],
  ['a negative size', '-5\r\n', /no chunk size/],
  ['an underscore', '1_0\r\n', /after a chunk size/],
  ['a letter', '5g\r\n', /after a chunk size/],
  ['2^53', '20000000000000\r\n', /past 2\^53/],
  ['2^64 + 5', '10000000000000005\r\n', /past 2\^53/],
  ['zeros without end', '00000000000000000', /past 2\^53/],
  ['a bare LF after the size', '5\nhello\r\n', /after a chunk size/],
  ['a bare CR after the size', '5\rhello', /bare CR/],
  ['CR CR LF after the size', '5\r\r\n', /bare CR/],
  ['a bare LF after an extension', '5;a\nhello', /extension/],
  ['a bare CR in an extension', '5;a\rb\r\n', /bare CR/],
  ['a NUL in an extension', '5;\0\r\n', /extension/],
  ['more than the size', '5\r\nhello!\r\n', /no CRLF after a chunk/],
  ['a bare LF after the data', '5\r\nhello\n0\r\n\r\n', /no CRLF after a chunk/],
  ['a bare CR after the data', '5\r\nhello\r0\r\n\r\n', /no CRLF after a chunk/],
  ['no CRLF after the data', '5\r\nhello0\r\n\r\n', /no CRLF after a chunk/],
  ['a bare LF as the end', '0\r\n\n', /bare LF/],
  ['a bare CR as the end', '0\r\n\rx', /bare CR/],
  ['a bare LF in a trailer', '0\r\nA: b\nC: d\r\n\r\n', /bare LF/],
  ['a bare CR in a trailer', '0\r\nA: b\rC: d\r\n\r\n', /bare CR/],
  ['a fold in a trailer', '0\r\nA: b\r\n c\r\n\r\n', /fold/],
  ['a NUL in a trailer', '0\r\nA: \0\r\n\r\n', /control character/],
  ['a trailer without a colon', '0\r\nGET / HTTP/1.1\r\n\r\n', /field name/],
  ['a trailer with a space before its colon', '0\r\nA : b\r\n\r\n', /white space/],
  ['a dropped trailer that is malformed', '0\r\nHost: \x7f\r\n\r\n', /control character/],
]
for (const [name, text, detail] of bad) {
  test(`refused at every cut: ${name}`, () => {
    for (const parts of splits(bytes(text))) refused(() => decode(parts), 'bad_request', detail)
  })
}

test('chunk extensions are bounded over the whole message', () => {
  const message = (extension: number, chunks: number) =>
    bytes(`1;${'e'.repeat(extension - 1)}\r\nx\r\n`.repeat(chunks) + '0\r\n\r\n')
  assert.ok(decode([message(MAX_EXTENSIONS, 1)]).done)
  assert.ok(decode([message(64, MAX_EXTENSIONS / 64)]).done)
  refused(() => decode([message(MAX_EXTENSIONS + 1, 1)]), 'bad_request', /chunk extensions/)
  refused(() => decode([message(64, MAX_EXTENSIONS / 64 + 1)]), 'bad_request', /chunk extensions/)
  // Empty ones are not free, and neither are those that come in pieces.
  refused(() => decode([message(1, MAX_EXTENSIONS + 1)]), 'bad_request', /chunk extensions/)
  const endless = Array.from({ length: MAX_EXTENSIONS }, () => bytes('e'))
  refused(() => decode([bytes('1;'), ...endless]), 'bad_request', /chunk extensions/)
})

test('payload is handed on as views, not copied', () => {
  const buf = bytes('5\r\nhello\r\n')
  const chunks: Buffer[] = []
  new ChunkedDecoder(chunk => chunks.push(chunk)).push(buf, 0, buf.length)
  assert.equal(chunks[0]!.buffer, buf.buffer)
  const all = bytes('x'.repeat(9))
  const decoder = new ChunkedDecoder(chunk => chunks.push(chunk))
  decoder.push(bytes('ff\r\n'), 0, 4)
  decoder.push(all, 0, all.length)
  assert.equal(chunks[1], all)
})

test('push reads only the range it is given', () => {
  const buf = bytes('zz3\r\nabc\r\n0\r\n\r\nzz')
  let data = ''
  const decoder = new ChunkedDecoder(chunk => (data += chunk))
  assert.equal(decoder.push(buf, 2, 6), 6)
  assert.equal(decoder.push(buf, 6, buf.length), buf.length - 2)
  assert.equal(data, 'abc')
  assert.equal(decoder.push(buf, buf.length - 2, buf.length), buf.length - 2)
})

test('what the encoder writes is what the decoder reads', () => {
  const trailers = new HeaderList()
  trailers.add('X-Sum', 'abc')
  const text = chunkHeader(255) + 'y'.repeat(255) + '\r\n' + chunkHeader(1) + 'z\r\n'
  assert.ok(text.startsWith('ff\r\n'))
  const decoded = decode([bytes(text + lastChunk(trailers))])
  assert.deepEqual([decoded.data, decoded.trailers], ['y'.repeat(255) + 'z', ['X-Sum=abc']])
  assert.equal(lastChunk(null), LAST_CHUNK)
  assert.ok(decode([bytes(text + LAST_CHUNK)]).done)
})
