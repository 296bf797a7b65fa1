import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import { Backlog } from '../../src/listen/backlog.ts'
import { until } from '../spool/rig.ts'

/** A socket whose kernel takes a piece when the test says so. */
function socketOf(t: TestContext) {
  const waiting: (() => void)[] = []
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, taken) {
      waiting.push(taken)
    },
    // What was under way is called back when the handle closes, as a socket's is.
    destroy(error, closed) {
      for (const taken of waiting.splice(0)) (taken as (error: Error) => void)(new Error('gone'))
      closed(error)
    },
  })
  socket.on('error', () => {})
  t.after(() => void socket.destroy())
  return { socket, take: () => waiting.shift()?.() }
}

function watched(t: TestContext) {
  const { socket, take } = socketOf(t)
  const clock = new Clock()
  const heard: string[] = []
  socket.write(Buffer.alloc(100))
  socket.write(Buffer.alloc(50))
  new Backlog({
    clock,
    socket,
    sendTimeout: 60_000,
    gone: () => heard.push('gone'),
    stalled: bytes => heard.push(`stalled ${bytes}`),
  })
  return { socket, take, clock, heard, from: now() }
}

test('tells once when all that was written before has gone', async t => {
  const { take, clock, heard, from } = watched(t)
  take()
  await new Promise(setImmediate)
  assert.deepEqual(heard, [])
  take()
  await until(() => {
    take()
    return heard.length > 0
  })
  assert.deepEqual(heard, ['gone'])
  clock.tick(from + 1e9)
  assert.deepEqual(heard, ['gone'])
})

test('tells when nothing has moved for the whole time', t => {
  const { clock, heard, from } = watched(t)
  clock.tick(from + 59_000)
  assert.deepEqual(heard, [])
  clock.tick(from + 60_001)
  assert.deepEqual(heard, ['stalled 150'])
})

test('any progress begins the time again', async t => {
  const { take, clock, heard, from } = watched(t)
  take()
  await new Promise(setImmediate)
  clock.tick(from + 60_001)
  clock.tick(from + 119_000)
  assert.deepEqual(heard, [])
  clock.tick(from + 120_002)
  assert.deepEqual(heard, ['stalled 50'])
})

test('tells also when the socket is gone instead', async t => {
  const { socket, heard } = watched(t)
  socket.destroy()
  await until(() => heard.length > 0)
  assert.deepEqual(heard, ['gone'])
})
