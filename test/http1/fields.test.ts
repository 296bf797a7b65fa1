import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fold, MAX_FIELDS, parseFields } from '../../src/http1/fields.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { bytes, refused } from './messages.ts'

function fields(text: string, fold: Fold = 'refuse', before = 'before'): HeaderList {
  const buf = bytes(before + text + 'after')
  const end = before.length + text.length
  const headers = new HeaderList()
  // The text begins a little later than the buffer, as when a head follows other bytes.
  parseFields(buf, before.length, end, buf.toString('latin1', 2, end), 2, headers, fold)
  return headers
}

test('fields are read up to the empty line, from any offset', () => {
  const headers = fields('A: 1\r\nbc:2\r\n\r\n')
  assert.deepEqual(headers.names, ['A', 'bc'])
  assert.deepEqual(headers.values, ['1', '2'])
  assert.equal(fields('\r\n').length, 0)
})

test('known, oddly written and unknown names all come in lower case, too, and as they were written', () => {
  const names = [
    'Content-Type',
    'content-type',
    'CONTENT-TYPE',
    'ETag',
    'Etag',
    'X-Request-ID',
    'X-Nobody',
    '~',
  ]
  // Names that every object has are not taken for known.
  names.push('constructor', '__proto__')
  const headers = fields(`${names.map(name => `${name}: 1\r\n`).join('')}\r\n`)
  assert.deepEqual(headers.names, names)
  assert.deepEqual(
    headers.lower,
    names.map(name => name.toLowerCase()),
  )
})

test('the empty line must be where the section ends', () => {
  refused(() => fields('A: 1\r\n\r\nB: 2\r\n\r\n'), 'bad_request')
  refused(() => fields('A: 1\r\n\rB\r\n'), 'bad_request', /bare CR/)
})

test('every byte of a value is kept that may stand in one, and white space around it is not', () => {
  const allowed = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
    .filter(c => c === '\t' || (c >= ' ' && c !== '\x7f'))
    .join('')
  const value = `x${allowed}x`
  assert.equal(fields(`A:\t ${value} \t\r\n\r\n`).get('a'), value)
  // 0xA0 is no white space here, and 0x85 is no line end.
  assert.equal(fields('A: \xa0b\x85\xa0\r\n\r\n').get('a'), '\xa0b\x85\xa0')
})

test('a field in a fold’s clothing is part of the value where folds are joined', () => {
  const headers = fields('A: b\r\n\tContent-Length: 5\r\nC: d\r\n\r\n', 'join')
  assert.deepEqual(headers.names, ['A', 'C'])
  assert.equal(headers.get('a'), 'b Content-Length: 5')
  refused(() => fields('A: b\r\n\tContent-Length: 5\r\n\r\n'), 'bad_request', /fold in the field "A"/)
})

test('the number of fields is bounded', () => {
  assert.equal(fields('a:\r\n'.repeat(MAX_FIELDS) + '\r\n').length, MAX_FIELDS)
  refused(() => fields('a:\r\n'.repeat(MAX_FIELDS + 1) + '\r\n'), 'head_too_large', /1000 fields/)
})
