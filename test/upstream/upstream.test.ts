import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Askers, type Endpoint, Upstream } from '../../src/upstream/upstream.ts'

const there: Endpoint = { host: '127.0.0.1', port: 8000 }

/** An upstream at a time that the test sets, and what was told of it. */
function upstreamOf(t: TestContext, endpoint: Endpoint | null = there, askedBy?: Askers) {
  let at = 1_000
  t.mock.method(performance, 'now', () => at)
  const told: string[] = []
  const events = {
    down: (_upstream: Upstream, detail: string) => void told.push(`down: ${detail}`),
    up: (_upstream: Upstream, downForMs: number) => void told.push(`up after ${downForMs}`),
  }
  const upstream = new Upstream('app', endpoint, events, undefined, askedBy)
  return { upstream, told, admits: () => upstream.admits(at), pass: (ms: number) => (at += ms) }
}

test('one that is up admits everybody', t => {
  const { upstream, admits } = upstreamOf(t)
  for (let i = 0; i < 3; i++) {
    assert.equal(admits(), true)
    upstream.granted()
  }
  assert.deepEqual([upstream.isUp, upstream.downFor()], [true, 0])
})

test('one that refuses is asked again after 150 ms, by one request at a time', t => {
  const { upstream, admits, pass } = upstreamOf(t)
  upstream.granted()
  upstream.refused('ECONNREFUSED')
  assert.deepEqual([upstream.isUp, upstream.detail, admits()], [false, 'ECONNREFUSED', false])
  pass(149)
  assert.equal(admits(), false)
  pass(1)
  assert.equal(admits(), true)
  upstream.granted()
  assert.equal(admits(), false, 'somebody is asking')
  pass(5_000)
  assert.equal(admits(), false, 'and still is')
  upstream.refused('ECONNREFUSED')
  assert.equal(admits(), false)
  pass(150)
  assert.equal(admits(), true)
})

test('one that nobody waits for is asked by every request, also right after it has refused one', t => {
  const { upstream, admits, pass } = upstreamOf(t, there, 'all')
  upstream.granted()
  upstream.refused('ECONNREFUSED')
  for (let i = 0; i < 3; i++) {
    assert.equal(admits(), true)
    upstream.granted()
  }
  upstream.connected()
  upstream.stalled(false)
  assert.equal(admits(), false, 'one whose backlog is full is left alone for a moment all the same')
  pass(150)
  assert.equal(admits(), true)
})

test('each transition is told once, with how long it was', t => {
  const { upstream, told, pass } = upstreamOf(t)
  upstream.connected()
  upstream.refused('first')
  pass(700)
  upstream.refused('second')
  assert.equal(upstream.downFor(), 700)
  pass(300)
  upstream.connected()
  upstream.connected()
  assert.deepEqual(told, ['down: first', 'up after 1000'])
  assert.deepEqual([upstream.isUp, upstream.detail, upstream.downFor()], [true, '', 0])
})

test('once it accepts, everybody is let go at once', t => {
  const { upstream, admits } = upstreamOf(t)
  upstream.refused('ECONNREFUSED')
  upstream.granted()
  upstream.connected()
  for (let i = 0; i < 3; i++) {
    assert.equal(admits(), true)
    upstream.granted()
  }
})

for (const [silent, wait] of [
  [false, 150],
  [true, 250],
] as const) {
  test(`one that is ${silent ? 'silent' : 'full'} is not down, and asked again after ${wait} ms`, t => {
    const { upstream, told, admits, pass } = upstreamOf(t)
    upstream.granted()
    upstream.stalled(silent)
    assert.deepEqual([upstream.isUp, told, admits()], [true, [], false])
    pass(wait - 1)
    assert.equal(admits(), false)
    pass(1)
    assert.equal(admits(), true)
    upstream.granted()
    assert.equal(admits(), false)
    upstream.connected()
    assert.equal(admits(), true)
  })
}

test('a question that is never answered, since its client has left, may be asked by the next', t => {
  for (const trouble of ['refused', 'stalled'] as const) {
    const { upstream, admits, pass } = upstreamOf(t)
    if (trouble === 'refused') upstream.refused('ECONNREFUSED')
    else upstream.stalled(true)
    pass(1_000)
    upstream.granted()
    assert.equal(admits(), false)
    upstream.returned()
    assert.equal(admits(), true)
  }
})

test('one whose name is not known is given nothing', t => {
  const { upstream, admits } = upstreamOf(t, null)
  assert.equal(admits(), false)
  upstream.refused('ENOTFOUND')
  assert.equal(admits(), false)
})
