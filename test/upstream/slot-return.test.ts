import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { afterwards } from '../../src/afterwards.ts'
import { Clock } from '../../src/clock.ts'
import { type EndingConnection, SlotReturn, type State } from '../../src/upstream/slot-return.ts'
import { upstreamAt } from './rig.ts'

/** A connection at its end, at a time that the test sets. The worker was given the request at 1,000. */
function ending(
  t: TestContext,
  state: State,
  options: { workerTimeout?: number | null; neverCloses?: boolean } = {},
) {
  let at = 5_000
  t.mock.method(performance, 'now', () => at)
  const heard: string[] = []
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }) as Duplex & {
    resetAndDestroy: () => void
  }
  socket.resetAndDestroy = () => void heard.push('reset')
  t.after(() => void socket.destroy())
  const clock = new Clock()
  const upstream = upstreamAt({ host: '127.0.0.1', port: 1 })
  upstream.neverCloses = options.neverCloses ?? false
  const connection: EndingConnection = {
    socket: socket as unknown as Socket,
    slot: { release: () => heard.push('released') },
    upstream,
    options: {
      clock,
      connectTimeout: 5_000,
      readTimeout: 35_000,
      workerTimeout: options.workerTimeout === undefined ? 30_000 : options.workerTimeout,
      freed: (_upstream, busyMs) => heard.push(`busy ${busyMs}`),
      connect() {},
      warn: message => heard.push(`warn ${message.includes('did not hang up')}`),
    },
    openedAt: 900,
    sentAt: 1_000,
    freed: () => heard.push('freed'),
  }
  const slotReturn = new SlotReturn(connection, state)
  return {
    slotReturn,
    upstream,
    socket,
    heard,
    /** The time becomes `to`, and the clock ticks. */
    until: (to: number) => {
      at = to
      clock.tick(to)
    },
  }
}

test('answered: the slot comes at the worker’s end, and before the close', async t => {
  const it = ending(t, 'answered')
  assert.deepEqual(it.heard, [])
  it.until(6_000)
  it.slotReturn.workerEnded()
  assert.deepEqual([it.heard.at(-1), it.socket.destroyed], ['released', false])
  await new Promise<void>(afterwards)
  assert.equal(it.socket.destroyed, true)
  it.slotReturn.closed()
  it.slotReturn.closed()
  assert.deepEqual(it.heard, ['busy 5100', 'freed', 'released'])
  it.until(1e9)
  assert.equal(it.heard.length, 3)
})

test('answered: else at the worker timeout and two seconds, counted from when it got the request', t => {
  const it = ending(t, 'answered')
  it.until(32_999)
  assert.deepEqual(it.heard, [])
  it.until(33_000)
  assert.deepEqual(it.heard, ['busy 32100', 'freed', 'released'])
  assert.deepEqual([it.upstream.neverCloses, it.socket.destroyed], [true, true])
})

test('answered: later than the worker timeout there is still a quarter of a second', t => {
  const it = ending(t, 'answered', { workerTimeout: 1_000 })
  it.until(5_249)
  assert.equal(it.heard.length, 0)
  it.until(5_250)
  assert.ok(it.heard.includes('released'))
})

test('answered: a quarter of a second for an upstream that never closes', t => {
  const it = ending(t, 'answered', { neverCloses: true })
  it.until(5_249)
  assert.equal(it.heard.length, 0)
  it.until(5_250)
  assert.ok(it.heard.includes('released'))
})

test('working: silent until it ends, or its timeout, or ten minutes when that is unknown', t => {
  for (const [workerTimeout, at] of [
    [30_000, 33_000],
    [null, 601_000],
  ] as const) {
    const it = ending(t, 'working', { workerTimeout })
    assert.equal(it.slotReturn.silent, true)
    it.until(at - 1)
    assert.deepEqual(it.heard, [])
    it.until(at)
    assert.deepEqual(it.heard, ['warn true', `busy ${at - 900}`, 'freed', 'released'])
  }
})

test('working: once it sends it has a second, and not longer than its timeout', t => {
  const it = ending(t, 'working')
  it.until(10_000)
  it.slotReturn.discard(10)
  assert.equal(it.slotReturn.silent, false)
  it.until(10_999)
  it.slotReturn.discard(10)
  assert.deepEqual(it.heard, [])
  it.until(11_000)
  assert.deepEqual(it.heard, ['reset'])
  it.until(12_000)
  assert.deepEqual(it.heard, ['reset', 'busy 11100', 'freed', 'released'])
})

test('sending: a second, or 16 MB, then a reset, and the slot a second later', t => {
  const it = ending(t, 'sending')
  assert.equal(it.slotReturn.silent, false)
  it.slotReturn.discard(16 * 1024 * 1024)
  assert.deepEqual(it.heard, [])
  it.slotReturn.discard(1)
  assert.deepEqual(it.heard, ['reset'])
  it.slotReturn.discard(1e9)
  it.slotReturn.closed()
  it.until(5_999)
  assert.deepEqual(it.heard, ['reset'], 'the close is our own: the worker has not noticed yet')
  it.until(6_000)
  assert.deepEqual(it.heard, ['reset', 'busy 5100', 'freed', 'released'])
})

test('reset: at once, and the slot a second later', t => {
  const it = ending(t, 'reset')
  assert.deepEqual(it.heard, ['reset'])
  it.until(6_000)
  assert.deepEqual(it.heard.at(-1), 'released')
})

test('free: nothing was sent, and the slot comes back at once', t => {
  const it = ending(t, 'free')
  assert.deepEqual(it.heard, ['busy 4100', 'freed', 'released'])
  assert.equal(it.socket.destroyed, true)
})

test('bytes beyond a whole answer are nothing to be reset for', t => {
  const it = ending(t, 'answered')
  it.slotReturn.discard(1e9)
  it.until(10_000)
  assert.deepEqual(it.heard, [])
})
