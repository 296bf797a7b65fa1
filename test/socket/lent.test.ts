import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lendingBuffer, lent, owned, PIECE } from '../../src/socket/lent.ts'

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
