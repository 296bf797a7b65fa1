import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gathered } from '../../src/response/gathered.ts'
import { lendPiece, PIECE } from '../../src/socket/lent.ts'

test('a small answer is a string of its bytes', () => {
  const head = 'HTTP/1.1 200 OK\r\n\r\n'
  const body = Buffer.from('ü\0\xff', 'latin1')
  assert.equal(gathered([head, body], head.length + body.length), `${head}ü\0\xff`)
})

test('a large one is a copy, which what it came from may change', () => {
  const head = 'h\xfc'
  const body = Buffer.alloc(10_000, 'a')
  const joined = gathered([head, body, '\r\n'], 2 + 10_000 + 2)
  body.fill('b')
  assert.ok(Buffer.isBuffer(joined))
  assert.equal(joined.buffer.byteLength, joined.length, 'all of its memory is its own')
  assert.equal(joined.toString('latin1'), `h\xfc${'a'.repeat(10_000)}\r\n`)
})

test('a large one that can be had as it is', () => {
  const piece = Buffer.alloc(PIECE, 'a')
  let got: Buffer | string = ''
  const taken = lendPiece(piece, PIECE, { received: bytes => void (got = gathered([bytes], PIECE)) })
  assert.ok(taken)
  assert.equal(got, piece)
})

test('a large one that cannot, or not alone, is a copy', () => {
  const piece = Buffer.alloc(PIECE, 'a')
  assert.notEqual(gathered([piece], PIECE), piece)
  const taken = lendPiece(piece, PIECE, {
    received: bytes => assert.equal(gathered([bytes, '\r\n'], PIECE + 2).length, PIECE + 2),
  })
  assert.ok(!taken)
})
