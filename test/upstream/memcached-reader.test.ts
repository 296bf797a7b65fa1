import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerReading } from '../../src/upstream/dialect.ts'
import { type MemcachedTerms, memcachedDialect } from '../../src/upstream/memcached-reader.ts'

function read(bytes: string, terms: Partial<MemcachedTerms> = {}, size = bytes.length) {
  const events: string[] = []
  const dialect = memcachedDialect({ key: 'k', headOnly: false, gzipFlag: 0, ...terms })
  const reader: AnswerReading = dialect.reader({
    onInterim: () => assert.fail('an interim answer'),
    onHead: ({ status, headers }, framing) =>
      events.push(
        `${status} ${headers.get('content-length')} ${headers.get('content-encoding')} ${framing.kind}`,
      ),
    data: chunk => events.push(chunk.toString()),
    end: () => events.push('end'),
  })
  for (let at = 0; at < bytes.length; at += size) reader.push(Buffer.from(bytes.slice(at, at + size)))
  return { events, reader }
}

test('a value is an answer that is so long, whatever pieces it comes in', () => {
  for (const size of [1, 3, 100]) {
    const { events, reader } = read('VALUE k 0 7\r\none\r\ntw\r\nEND\r\n', {}, size)
    assert.equal(events[0], '200 7 undefined length')
    assert.equal(events.slice(1, -1).join(''), 'one\r\ntw')
    assert.equal(events.at(-1), 'end')
    assert.ok(reader.done)
  }
})

test('nothing is a 404 without a body', () => {
  const { events, reader } = read('END\r\n')
  assert.deepEqual(events, ['404 0 undefined length', 'end'])
  assert.ok(reader.done)
})

test('flags say what is gzip, where they are asked', () => {
  assert.equal(read('VALUE k 6 1\r\nx', { gzipFlag: 2 }).events[0], '200 1 gzip length')
  assert.equal(read('VALUE k 5 1\r\nx', { gzipFlag: 2 }).events[0], '200 1 undefined length')
  assert.equal(read('VALUE k 6 1\r\nx').events[0], '200 1 undefined length')
})

test('HEAD asks how long it is, and a value that is cut off is no answer', () => {
  assert.deepEqual(read('VALUE k 0 7\r\n', { headOnly: true }).events, ['200 7 undefined none', 'end'])
  const { reader } = read('VALUE k 0 7\r\nonly')
  assert.ok(reader.begun && !reader.done && !reader.finish())
})
