import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Spent } from '../../src/spool/backing.ts'
import { ByteQueue } from '../../src/spool/queue.ts'
import { check, dice, KB, piece } from './rig.ts'

test('a chunk of its own memory is kept as it is', () => {
  const queue = new ByteQueue(0)
  const chunk = Buffer.allocUnsafeSlow(4000)
  queue.push(chunk)
  assert.equal(queue.at(0, 64 * KB), chunk)
})

test('a small view does not keep its large slab alive', () => {
  const queue = new ByteQueue(0)
  queue.push(Buffer.allocUnsafeSlow(64 * KB).subarray(0, 20 * KB))
  assert.equal(queue.at(0, 64 * KB).buffer.byteLength, 20 * KB)
})

test('many tiny chunks share a few slabs', () => {
  const queue = new ByteQueue(0)
  for (let at = 0; at < 100 * KB; at++) queue.push(piece(at, 1))
  const slabs = new Set()
  for (let at = 0; at < queue.end; ) {
    const bytes = queue.at(at, 64 * KB)
    check(bytes, at)
    slabs.add(bytes.buffer)
    at += bytes.length
  }
  assert.ok(slabs.size < 20, `${slabs.size} slabs for 100 KB`)
})

test('bytes handed out stay as they are while the slab grows on', () => {
  const queue = new ByteQueue(0)
  for (let at = 0; at < 10; at++) queue.push(piece(at, 1))
  const early = queue.at(5, 3)
  const copy = Buffer.from(early)
  const batch = queue.batch(0, KB)
  for (let at = 10; at < 2000; at++) queue.push(piece(at, 1))
  assert.deepEqual(early, copy)
  assert.equal(Buffer.concat(batch).length, 10)
  check(queue.at(5, 100), 5)
})

test('what nobody has looked at is freed as soon as it is dropped, and no other', () => {
  const queue = new ByteQueue(0)
  const chunks = [0, 1, 2, 3].map(n => piece(n * 20 * KB, 20 * KB))
  for (const chunk of chunks) queue.push(chunk)
  const handedOut = queue.at(20 * KB, KB)
  const spent = new Spent()
  queue.release(60 * KB, spent)
  // Handing on goes forwards: what lies before a place that was read may have been read as well.
  assert.deepEqual(
    chunks.map(chunk => chunk.length),
    [20 * KB, 20 * KB, 0, 20 * KB],
  )
  check(handedOut, 20 * KB)
  check(queue.at(60 * KB, 20 * KB), 60 * KB)
  spent.giveBack()
  assert.deepEqual(
    chunks.map(chunk => chunk.length),
    [0, 0, 0, 20 * KB],
  )
})

test('after a split, what was handed out before it is still not freed', () => {
  const queue = new ByteQueue(0)
  const chunks = [0, 1].map(n => piece(n * 20 * KB, 20 * KB))
  for (const chunk of chunks) queue.push(chunk)
  const handedOut = queue.at(20 * KB, 20 * KB)
  const rest = queue.split(20 * KB)
  rest.release(40 * KB, new Spent())
  check(handedOut, 20 * KB)
})

test('a batch begins in the middle of a chunk and ends near its bound', () => {
  const queue = new ByteQueue(100)
  for (let at = 100; at < 100 + 50 * KB; at += 5 * KB) queue.push(piece(at, 5 * KB))
  const batch = Buffer.concat(queue.batch(100 + 7 * KB, 20 * KB))
  check(batch, 100 + 7 * KB)
  assert.ok(batch.length >= 20 * KB && batch.length < 25 * KB, `${batch.length} bytes`)
})

test('whatever is pushed, read, released and split, the bytes and the count are right', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const roll = dice(seed)
    let queue = new ByteQueue(0)
    let start = 0
    let end = 0
    for (let step = 0; step < 2000; step++) {
      const what = roll()
      if (what < 0.5) {
        const length = 1 + Math.floor(roll() * (roll() < 0.6 ? 100 : 6000))
        queue.push(piece(end, length, roll() < 0.5 ? 8 * KB : length))
        end += length
      } else if (what < 0.8 && start < end) {
        const at = start + Math.floor(roll() * (end - start))
        const bytes = queue.at(at, 1 + Math.floor(roll() * 5000))
        assert.ok(bytes.length > 0)
        check(bytes, at)
      } else if (what < 0.98) {
        const to = start + Math.floor(roll() * Math.min(20_000, end - start + 1))
        const before = queue.bytes
        const freed = queue.release(to, new Spent())
        assert.equal(queue.bytes, before - freed)
        assert.ok(queue.start <= to || queue.bytes === 0)
        start = Math.max(start, to)
      } else {
        const bytes = queue.bytes
        const rest = queue.split(Math.floor(roll() * bytes))
        assert.equal(queue.bytes + rest.bytes, bytes)
        assert.equal(queue.end, rest.start)
        queue = rest
        start = Math.max(start, rest.start)
      }
      assert.equal(queue.end, end, `seed ${seed}, step ${step}`)
    }
  }
})
