import assert from 'node:assert/strict'
import { test } from 'node:test'
import { giveBack, Spent } from '../../src/spool/backing.ts'

test('a large Buffer with memory of its own is empty once it is given back', () => {
  const bytes = Buffer.allocUnsafeSlow(64 * 1024)
  giveBack(bytes)
  assert.equal(bytes.length, 0)
  giveBack(bytes)
})

test('a view is left alone, as others may share its memory', () => {
  const slab = Buffer.alloc(64 * 1024, 'x')
  const view = slab.subarray(0, 63 * 1024)
  giveBack(view)
  assert.equal(view.length, 63 * 1024)
  assert.equal(slab.at(-1), 'x'.charCodeAt(0))
})

test('a small Buffer is left alone, as it may be a part of the pool of Node', () => {
  const [one, other] = [Buffer.allocUnsafe(100).fill('a'), Buffer.allocUnsafe(100).fill('b')]
  giveBack(one)
  assert.equal(other.toString(), 'b'.repeat(100))
  assert.equal(one.toString(), 'a'.repeat(100))
})

test('spent Buffers are whole until they are given back, and few are kept', () => {
  const spent = new Spent()
  const all = Array.from({ length: 100 }, () => Buffer.allocUnsafeSlow(16 * 1024))
  for (const bytes of all) spent.add(bytes)
  assert.ok(all.every(({ length }) => length === 16 * 1024))
  spent.giveBack()
  const given = all.filter(({ length }) => length === 0).length
  assert.ok(given > 0 && given < 50, `${given} of 100`)
})
