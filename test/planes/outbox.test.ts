import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox } from '../../src/planes/outbox.ts'

test('what is put in one turn goes out together at its end, in order', async () => {
  const sent: (readonly number[])[] = []
  const outbox = new Outbox<number>({ postMessage: messages => sent.push(messages) })
  outbox.put(1)
  outbox.put(2)
  assert.deepEqual(sent, [])
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(sent, [[1, 2]])
  outbox.put(3)
  outbox.flush()
  outbox.put(4)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(sent, [[1, 2], [3], [4]])
})

test('what is put off goes out with the next, before it, and wakes nobody by itself', async () => {
  const sent: (readonly number[])[] = []
  const outbox = new Outbox<number>({ postMessage: messages => sent.push(messages) })
  outbox.putOff(1)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(sent, [])
  outbox.put(2)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(sent, [[1, 2]])
  outbox.putOff(3)
  outbox.flush()
  assert.deepEqual(sent, [[1, 2], [3]])
})
