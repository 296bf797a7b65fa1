import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import { Linger } from '../../src/listen/linger.ts'

function lingering(t: TestContext) {
  const clock = new Clock()
  const socket = new PassThrough()
  t.after(() => void socket.destroy())
  return { clock, socket, linger: new Linger(clock, socket), from: now() }
}

test('a client that is quiet for five seconds is closed', t => {
  const { clock, socket, from } = lingering(t)
  clock.tick(from + 4_900)
  assert.equal(socket.destroyed, false)
  clock.tick(from + 5_001)
  assert.equal(socket.destroyed, true)
})

test('one that goes on sending has its time again, but thirty seconds in all', t => {
  const { clock, socket, linger, from } = lingering(t)
  const timers = t.mock.method(performance, 'now')
  for (let at = 0; at < 29_000; at += 1_000) {
    timers.mock.mockImplementation(() => from + at)
    linger.discard(100)
    clock.tick(from + at)
    assert.equal(socket.destroyed, false, `after ${at} ms`)
  }
  clock.tick(from + 30_001)
  assert.equal(socket.destroyed, true)
})

test('stopped, it closes nothing, whatever still comes', t => {
  const { clock, socket, linger, from } = lingering(t)
  linger.stop()
  linger.discard(100)
  clock.tick(from + 1e9)
  assert.equal(socket.destroyed, false)
})
