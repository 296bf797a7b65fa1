// Sessions in shared memory: found by whoever has it, gone when later ones have taken their place, and never another's.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { bytesIn, OwnSessions, SharedSessions, sessionMemory } from '../../src/listen/session-memory.ts'
import { sessionZones } from '../../src/listen/tls-sessions.ts'

test('what one has kept the other finds, and nobody finds what nobody kept', () => {
  const memory = sessionMemory(10_000)
  const [a, b] = [new SharedSessions(memory), new SharedSessions(memory)]
  const [id, session] = [randomBytes(32), randomBytes(300)]
  assert.equal(b.get(id), null)
  a.keep(id, session)
  assert.deepEqual(b.get(id), session)
  for (const other of [randomBytes(32), id.subarray(0, 31), Buffer.alloc(0), Buffer.alloc(32)])
    assert.equal(b.get(other), null)
  // The same place in the table, and another number.
  const twin = Buffer.concat([id.subarray(0, 4), randomBytes(28)])
  assert.equal(b.get(twin), null)
})

test('a number is kept anew', () => {
  const sessions = new SharedSessions(sessionMemory(10_000))
  const id = randomBytes(32)
  for (const session of [randomBytes(100), randomBytes(200)]) {
    sessions.keep(id, session)
    assert.deepEqual(sessions.get(id), session)
  }
})

test('later ones take the place of earlier ones, whole, over the end and around', () => {
  const bytes = 4_096
  const sessions = new SharedSessions(sessionMemory(bytes))
  const kept: { readonly id: Buffer; readonly session: Buffer }[] = []
  for (let n = 0; n < 2_000; n++) {
    const each = { id: randomBytes(32), session: randomBytes(1 + Math.floor(Math.random() * 700)) }
    sessions.keep(each.id, each.session)
    kept.push(each)
    assert.deepEqual(sessions.get(each.id), each.session)
    let room = bytes
    for (const [back, { id, session }] of kept.slice(-12).reverse().entries()) {
      const found = sessions.get(id)
      assert.ok(found === null || found.equals(session))
      room -= 36 + session.length
      if (room < 0 && back > 0) assert.equal(found, null)
    }
  }
})

test('what is larger than all of it is not kept, and neither is anything in no memory', () => {
  const id = randomBytes(32)
  for (const bytes of [0, 100]) {
    const sessions = new SharedSessions(sessionMemory(bytes))
    sessions.keep(id, randomBytes(200))
    assert.equal(sessions.get(id), null)
  }
})

test('of one thread alone the oldest make room', () => {
  const sessions = new OwnSessions(250)
  const ids = [1, 2, 3].map(() => randomBytes(32))
  for (const id of ids) sessions.keep(id, Buffer.alloc(100))
  assert.deepEqual(
    ids.map(id => sessions.get(id)?.length ?? null),
    [null, 100, 100],
  )
})

test('a cache has the size that is said first, and stays while that does', () => {
  const cache = (name: string, bytes: number, shared = true) => ({ name, bytes, shared })
  const first = sessionZones([cache('a', 100), cache('a', 200), null, cache('builtin', 9, false)], {})
  assert.deepEqual(Object.values(first).map(bytesIn), [100])
  const [name] = Object.keys(first) as [string]
  assert.equal(sessionZones([cache('a', 100)], first)[name], first[name])
  assert.notEqual(sessionZones([cache('a', 101)], first)[name], first[name])
})
