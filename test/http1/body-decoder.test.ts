import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyDecoder } from '../../src/http1/body-decoder.ts'
import type { Framing } from '../../src/http1/framing.ts'
import type { HeaderList } from '../../src/http1/headers.ts'
import { bytes, splits } from './messages.ts'

function collect(framing: Framing) {
  const got = { data: '', ends: 0, trailers: null as HeaderList | null }
  const decoder = new BodyDecoder(framing, {
    data(chunk) {
      assert.equal(got.ends, 0, 'data after the end')
      assert.ok(chunk.length > 0)
      got.data += chunk.toString('latin1')
    },
    end(trailers) {
      got.ends++
      got.trailers = trailers
    },
  })
  return { decoder, got }
}

test('a body of known length ends after it, at every cut, and leaves the rest', () => {
  for (const parts of splits(bytes('helloGET /'))) {
    const { decoder, got } = collect({ kind: 'length', length: 5 })
    let used = 0
    for (const part of parts) used += decoder.push(part, 0, part.length)
    assert.deepEqual([got.data, got.ends, used, decoder.done, decoder.received], ['hello', 1, 5, true, 5])
    assert.ok(decoder.finish())
    assert.equal(got.ends, 1)
  }
})

test('a body cut short may not end there', () => {
  const { decoder, got } = collect({ kind: 'length', length: 5 })
  decoder.push(bytes('hell'), 0, 4)
  assert.ok(!decoder.finish())
  assert.deepEqual([got.ends, decoder.done, decoder.received], [0, false, 4])
})

for (const framing of [{ kind: 'none' }, { kind: 'length', length: 0 }] as const) {
  test(`a body of no bytes (${framing.kind}) is done from the start and ends at the first push`, () => {
    const { decoder, got } = collect(framing)
    assert.ok(decoder.done)
    assert.equal(got.ends, 0)
    assert.equal(decoder.push(bytes('GET'), 0, 0), 0)
    assert.equal(got.ends, 1)
    assert.equal(decoder.push(bytes('GET'), 1, 3), 1)
    assert.deepEqual([got.data, got.ends], ['', 1])
    const other = collect(framing)
    assert.ok(other.decoder.finish())
    assert.equal(other.got.ends, 1)
  })
}

test('a close-delimited body ends with the connection', () => {
  const { decoder, got } = collect({ kind: 'close' })
  assert.equal(decoder.push(bytes('abc'), 0, 3), 3)
  assert.equal(decoder.push(bytes('xdefx'), 1, 4), 4)
  assert.ok(!decoder.done)
  assert.ok(decoder.finish())
  assert.deepEqual([got.data, got.ends, decoder.done, decoder.received], ['abcdef', 1, true, 6])
})

test('an empty close-delimited body is a body', () => {
  const { decoder, got } = collect({ kind: 'close' })
  assert.ok(decoder.finish())
  assert.equal(got.ends, 1)
})

test('a chunked body counts its payload and brings its trailers', () => {
  const { decoder, got } = collect({ kind: 'chunked' })
  const buf = bytes('..5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\nGET')
  assert.equal(decoder.push(buf, 2, buf.length), buf.length - 3)
  assert.deepEqual([got.data, got.ends, decoder.received, got.trailers?.get('x-sum')], ['hello!', 1, 6, '1'])
  assert.equal(decoder.push(buf, buf.length - 3, buf.length), buf.length - 3)
  assert.equal(got.ends, 1)
})

test('a chunked body without its last chunk may not end', () => {
  const { decoder, got } = collect({ kind: 'chunked' })
  decoder.push(bytes('5\r\nhello\r\n'), 0, 10)
  assert.ok(!decoder.finish())
  assert.equal(got.ends, 0)
})

test('a whole buffer of payload is handed on as it is, a part of one as a view', () => {
  const chunks: Buffer[] = []
  const decoder = new BodyDecoder(
    { kind: 'length', length: 10 },
    { data: chunk => chunks.push(chunk), end() {} },
  )
  const first = bytes('12345')
  const second = bytes('67890x')
  decoder.push(first, 0, 5)
  decoder.push(second, 0, 6)
  assert.equal(chunks[0], first)
  assert.equal(chunks[1]!.length, 5)
  assert.equal(chunks[1]!.buffer, second.buffer)
})
