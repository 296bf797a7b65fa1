import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  END_OF_STDIN,
  fastcgiHead,
  MOST_IN_RECORD,
  padding,
  stdinHead,
} from '../../src/gateway/fastcgi-request.ts'
import { GatewayError } from '../../src/gateway/params.ts'

const BEGIN = '\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0'
const END_OF_PARAMS = '\x01\x04\0\x01\0\0\0\0'

test('a request begins as a responder’s whose connection closes, and its parameters end with an empty record', () => {
  assert.equal(
    fastcgiHead([['A', 'bc']], true),
    `${BEGIN}\x01\x04\0\x01\0\x05\x03\0\x01\x02Abc\0\0\0${END_OF_PARAMS}`,
  )
  assert.equal(fastcgiHead([], true), BEGIN + END_OF_PARAMS)
})

test('without a body its end is said at once', () => {
  assert.equal(fastcgiHead([], false), BEGIN + END_OF_PARAMS + END_OF_STDIN)
  assert.equal(END_OF_STDIN, '\x01\x05\0\x01\0\0\0\0')
})

test('lengths from 128 take four bytes, of names as of values', () => {
  const [name, value] = ['N'.repeat(128), 'v'.repeat(70_000 - 5_000)]
  const head = fastcgiHead([[name, value]], true).slice(BEGIN.length + 8)
  assert.equal(head.slice(0, 8), '\x80\0\0\x80\x80\0\xfd\xe8')
  assert.ok(head.startsWith(name + value, 8))
  assert.equal(fastcgiHead([['N'.repeat(127), '']], true).charCodeAt(BEGIN.length + 8), 127)
})

test('every record ends at eight bytes', () => {
  for (let length = 0; length < 20; length++) {
    const head = fastcgiHead([['A', 'x'.repeat(length)]], false)
    assert.equal(head.length % 8, 0, `${length}`)
    assert.equal((stdinHead(length).length + length + padding(length).length) % 8, 0, `${length}`)
    assert.equal(stdinHead(length).charCodeAt(6), padding(length).length)
    assert.match(padding(length), /^\0*$/)
  }
})

test('a piece of a body says how long it is', () => {
  assert.equal(stdinHead(5), '\x01\x05\0\x01\0\x05\x03\0')
  assert.equal(stdinHead(MOST_IN_RECORD), '\x01\x05\0\x01\x80\0\0\0')
})

test('parameters that do not fit into a record are an error', () => {
  assert.throws(
    () => fastcgiHead([['A', 'x'.repeat(65_530)]], false),
    /^GatewayError: fastcgi request record is too big: 65536 bytes, and a record has room for 65535$/,
  )
  assert.doesNotThrow(() => fastcgiHead([['A', 'x'.repeat(65_529)]], false), GatewayError)
})
