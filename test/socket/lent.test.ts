import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  borrowPiece,
  isOffered,
  lendingBuffer,
  lendPiece,
  lent,
  owned,
  PIECE,
  returnPiece,
} from '../../src/socket/lent.ts'

test('what was lent changes with the next read, its copy does not', () => {
  Buffer.from(lendingBuffer.buffer).write('first')
  const bytes = lent(5)
  const kept = owned(bytes.subarray(1))
  Buffer.from(lendingBuffer.buffer).write('other')
  assert.equal(bytes.toString(), 'other')
  assert.equal(kept.toString(), 'irst')
  // Memory of its own, that may be given back (spool/backing.ts), while the lent one never may.
  assert.equal(kept.buffer.byteLength, kept.length)
  assert.notEqual(lent(PIECE).buffer.byteLength, PIECE)
})

test('what is somebody’s own is not copied', () => {
  const bytes = Buffer.from('mine')
  assert.equal(owned(bytes), bytes)
})

/** Tells of so many bytes in a piece; what `received` returns is what somebody kept. */
function told(count: number, received: (bytes: Buffer) => Buffer[]) {
  const piece = borrowPiece()!
  piece.fill('p')
  let kept: Buffer[] = []
  const taken = lendPiece(piece, count, { received: bytes => void (kept = received(bytes)) })
  returnPiece(taken ? null : piece)
  return { piece, kept, taken }
}

test('a whole piece is given as it is to the first who asks, and copied for the next', () => {
  const { piece, kept, taken } = told(PIECE, bytes => [owned(bytes), owned(bytes)])
  assert.ok(taken)
  assert.equal(kept[0], piece)
  assert.notEqual(kept[1]!.buffer, piece.buffer)
  assert.deepEqual(kept[1], piece)
  assert.ok(!isOffered(piece), 'it is over')
})

test('a view of one, or a part, is copied', () => {
  for (const count of [PIECE, PIECE - 1]) {
    const { piece, kept, taken } = told(count, bytes => [owned(bytes.subarray())])
    assert.ok(!taken)
    assert.notEqual(kept[0]!.buffer, piece.buffer)
    assert.deepEqual(kept[0], piece.subarray(0, count))
  }
})

test('one that nobody kept is the next’s', () => {
  const { piece, taken } = told(PIECE, () => [])
  assert.ok(!taken)
  const next = borrowPiece()
  assert.equal(next, piece)
  returnPiece(null)
})

test('no more of them than 64', () => {
  const pieces: Buffer[] = []
  for (let piece = borrowPiece(); piece !== null; piece = borrowPiece()) pieces.push(piece)
  assert.equal(pieces.length, 64)
  for (const piece of pieces) returnPiece(piece)
  const again = borrowPiece()
  assert.ok(again)
  returnPiece(again)
})
