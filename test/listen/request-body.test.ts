import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Clock } from '../../src/clock.ts'
import { Exchange } from '../../src/exchange.ts'
import type { Framing } from '../../src/http1/framing.ts'
import type { HeaderList } from '../../src/http1/headers.ts'
import { RequestBody } from '../../src/listen/request-body.ts'

const TIMEOUT = 60_000

/** A body that is being read, at a time that the test sets. */
function reading(t: TestContext, framing: Framing) {
  let at = 1_000
  t.mock.method(performance, 'now', () => at)
  const clock = new Clock()
  const exchange = new Exchange('192.0.2.1', at)
  const failures: string[] = []
  exchange.onInterrupt = failure => failures.push(`${failure.code}: ${failure.detail}`)
  const body = new RequestBody(framing, exchange, clock, { limits: { bodyTimeout: TIMEOUT } })
  let text = ''
  const ends: (HeaderList | null)[] = []
  const sink = {
    data: (chunk: Buffer) => void (text += chunk.toString('latin1')),
    end: (trailers: HeaderList | null) => void ends.push(trailers),
  }
  return {
    body,
    sink,
    clock,
    exchange,
    failures,
    ends,
    text: () => text,
    feed: (bytes: string) => body.feed(Buffer.from(bytes, 'latin1')),
    /** Time passes, and the clock ticks. */
    pass: (ms: number) => {
      at += ms
      clock.tick(at)
    },
  }
}

test('bytes go to whoever asked, and the rest of them is told apart', t => {
  const it = reading(t, { kind: 'length', length: 5 })
  it.body.read(it.sink)
  assert.equal(it.feed('hel'), 3)
  assert.equal(it.feed('lo and the next'), 2)
  assert.deepEqual([it.text(), it.ends, it.body.done, it.body.wanted], ['hello', [null], true, false])
  assert.equal(it.exchange.bytesIn, 5)
})

test('the coding counts as received', t => {
  const it = reading(t, { kind: 'chunked' })
  it.body.read(it.sink)
  const coded = '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'
  assert.equal(it.feed(coded), coded.length)
  assert.equal(it.exchange.bytesIn, coded.length)
  assert.deepEqual(it.ends[0]?.names, ['X-T'])
})

test('a body of no bytes ends when it is asked for', t => {
  const it = reading(t, { kind: 'length', length: 0 })
  assert.deepEqual([it.body.done, it.ends.length], [true, 0])
  it.body.read(it.sink)
  assert.deepEqual(it.ends, [null])
  it.pass(1e9)
  assert.deepEqual(it.failures, [])
})

test('silence for the whole time is too slow', t => {
  const it = reading(t, { kind: 'length', length: 5 })
  it.body.read(it.sink)
  it.pass(TIMEOUT - 1)
  assert.deepEqual(it.failures, [])
  it.feed('h')
  it.pass(TIMEOUT - 1)
  assert.deepEqual(it.failures, [])
  it.pass(1)
  assert.deepEqual(it.failures, ['request_timeout: no byte of the body came for 60000 ms'])
  it.feed('ello')
  assert.deepEqual([it.text(), it.ends], ['h', []])
})

test('a byte now and then is too slow once the time has passed', t => {
  const it = reading(t, { kind: 'length', length: 1e6 })
  it.body.read(it.sink)
  for (let i = 0; i < 5; i++) {
    it.pass(10_000)
    it.feed('x')
  }
  assert.deepEqual(it.failures, [], 'not before the time has passed')
  it.pass(10_000)
  it.feed('x')
  assert.deepEqual(it.failures, ['request_timeout: 6 bytes of the body came in 60000 ms'])
})

test('500 bytes a second are enough, however long it takes', t => {
  const it = reading(t, { kind: 'length', length: 1e6 })
  it.body.read(it.sink)
  for (let i = 0; i < 20; i++) {
    it.pass(10_000)
    it.feed('x'.repeat(5_000))
  }
  assert.deepEqual(it.failures, [])
  it.pass(10_000)
  it.feed('x'.repeat(4_999))
  assert.equal(it.failures.length, 1)
})

test('a body that ends late but ends is not refused for its pace', t => {
  const it = reading(t, { kind: 'length', length: 2 })
  it.body.read(it.sink)
  it.pass(TIMEOUT - 1)
  it.feed('o')
  it.pass(TIMEOUT - 1)
  it.feed('k')
  assert.deepEqual([it.failures, it.ends], [[], [null]])
})

test('while we do not read, the client cannot be late', t => {
  const it = reading(t, { kind: 'length', length: 5 })
  it.body.read(it.sink)
  it.feed('h')
  it.body.pause()
  it.pass(10 * TIMEOUT)
  assert.deepEqual(it.failures, [])
  it.body.resume()
  it.pass(TIMEOUT)
  assert.equal(it.failures.length, 1)
})

test('before it is asked for, and when nobody wants it any more, no time runs', t => {
  const it = reading(t, { kind: 'length', length: 5 })
  it.body.resume()
  it.pass(10 * TIMEOUT)
  it.body.read(it.sink)
  it.body.drop()
  it.pass(10 * TIMEOUT)
  it.feed('hello')
  assert.deepEqual([it.failures, it.text(), it.ends, it.body.done], [[], '', [], true])
})

test('a coding that is broken ends the wait and takes everything', t => {
  const it = reading(t, { kind: 'chunked' })
  it.body.read(it.sink)
  assert.equal(it.feed('2\r\nokk and more'), 15)
  assert.match(it.failures.join(), /^bad_request: no CRLF after a chunk/)
  assert.equal(it.body.done, false)
})
