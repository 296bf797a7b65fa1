import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_TRAILER_BYTES, MAX_TRAILER_FIELDS, TrailerSection } from '../../src/http1/trailers.ts'
import { bytes, refused, splits } from './messages.ts'

function read(parts: Buffer[]): TrailerSection {
  const section = new TrailerSection()
  for (const part of parts) if (!section.done) section.push(part, 0, part.length)
  return section
}

test('an empty section ends with its CRLF, however cut', () => {
  for (const parts of splits(bytes('\r\n'))) {
    const section = read(parts)
    assert.ok(section.done)
    assert.equal(section.fields, null)
  }
})

test('fields are kept as they came, however cut', () => {
  for (const parts of splits(bytes('X-a: 1\r\nX-A:2\r\n\r\n'))) {
    assert.deepEqual(read(parts).fields?.names, ['X-a', 'X-A'])
    assert.deepEqual(read(parts).fields?.all('x-a'), ['1', '2'])
  }
})

test('what would mislead a recipient that merges trailers is dropped', () => {
  const dropped = [
    'Content-Length',
    'transfer-encoding',
    'Host',
    'Authorization',
    'Cookie',
    'Set-Cookie',
    'Content-Type',
    'Content-Encoding',
    'Connection',
    'TE',
    'Trailer',
    'Expect',
    'Range',
    'If-Match',
    'Cache-Control',
    'Location',
    'Vary',
    'X-Forwarded-For',
    'CF-Connecting-IP',
    'X-Real-IP',
    'Forwarded',
    'X_Sum',
    'Access-Control-Allow-Origin',
  ]
  const text = [...dropped.map(name => `${name}: 1`), 'X-Sum: 2', '', ''].join('\r\n')
  assert.deepEqual(read([bytes(text)]).fields?.names, ['X-Sum'])
  assert.equal(read([bytes('Host: a\r\n\r\n')]).fields, null)
})

test('the section is bounded in bytes, whole or in pieces', () => {
  const message = (length: number) => bytes(`A: ${'b'.repeat(length - 7)}\r\n\r\n`)
  assert.equal(read([message(MAX_TRAILER_BYTES)]).fields?.get('a')?.length, MAX_TRAILER_BYTES - 7)
  refused(() => read([message(MAX_TRAILER_BYTES + 1)]), 'bad_request', /bytes of trailers/)
  assert.ok(read(Array.from(message(MAX_TRAILER_BYTES), code => Buffer.from([code]))).done)
  const endless = Array.from({ length: MAX_TRAILER_BYTES + 1 }, () => bytes('a'))
  refused(() => read(endless), 'bad_request', /bytes of trailers/)
})

test('the section is bounded in fields, dropped ones counted', () => {
  const message = (count: number) => bytes('Host: b\r\n'.repeat(count) + '\r\n')
  assert.ok(read([message(MAX_TRAILER_FIELDS)]).done)
  refused(() => read([message(MAX_TRAILER_FIELDS + 1)]), 'bad_request', /trailers/)
})
