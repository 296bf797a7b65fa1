import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../src/errors.ts'
import { Exchange } from '../src/exchange.ts'
import type { Phase } from '../src/phases.ts'

test('each phase’s time goes to its own timer, and a phase entered again adds to it', () => {
  const exchange = new Exchange('192.0.2.1', 1000)
  const path: [Phase, number][] = [
    ['queued', 1010],
    ['held', 1030],
    ['queued', 1060],
    ['connecting', 1100],
    ['queued', 1101],
    ['connecting', 1103],
    ['waiting', 1104],
    ['responding', 1154],
    ['delivering', 1160],
    ['done', 1200],
  ]
  for (const [phase, at] of path) exchange.enter(phase, at)
  assert.deepEqual(exchange.timers, {
    receive: 10,
    queue: 20 + 40 + 2,
    hold: 30,
    connect: 1 + 1,
    wait: 50,
    respond: 6,
    deliver: 40,
  })
  assert.equal(exchange.endedAt, 1200)
  const sum = Object.values(exchange.timers).reduce((a, b) => a + b, 0)
  assert.equal(sum, exchange.age(9999), 'the timers add up to the age, which stands still at the end')
})

test('what is done stays done', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  exchange.enter('done', 5)
  exchange.enter('waiting', 50)
  exchange.enter('done', 60)
  assert.equal(exchange.phase, 'done')
  assert.equal(exchange.endedAt, 5)
})

test('where the time went so far includes the phase that is under way, and changes nothing', () => {
  const exchange = new Exchange('192.0.2.1', 1000)
  exchange.enter('queued', 1010)
  exchange.enter('waiting', 1030)
  const none = { hold: 0, connect: 0, respond: 0, deliver: 0 }
  assert.deepEqual(exchange.timersAt(1100), { receive: 10, queue: 20, wait: 70, ...none })
  assert.deepEqual(exchange.timersAt(1200), { receive: 10, queue: 20, wait: 170, ...none })
  exchange.enter('done', 1300)
  assert.deepEqual(exchange.timersAt(9999), exchange.timers)
})

test('the age runs until the end', () => {
  const exchange = new Exchange('192.0.2.1', 100)
  assert.equal(exchange.age(150), 50)
})

test('a client is its peer until somebody knows better', () => {
  assert.equal(new Exchange('192.0.2.1', 0).client, '192.0.2.1')
})

const outcomes: [string, Phase, Failure | null][] = [
  ['ok', 'done', null],
  ['client:receiving', 'receiving', new Failure('bad_request')],
  ['client:queued', 'queued', new Failure('client_left')],
  ['timeout:queued', 'queued', new Failure('queue_timeout')],
  ['upstream:queued', 'held', new Failure('upstream_down')],
  ['upstream:connecting', 'connecting', new Failure('upstream_down')],
  ['upstream:waiting', 'waiting', new Failure('worker_lost')],
  ['upstream:responding', 'responding', new Failure('answer_broken')],
  ['timeout:delivering', 'delivering', new Failure('send_timeout')],
  ['client:delivering', 'done', new Failure('client_left')],
  ['proxy:queued', 'queued', new Failure('queue_full')],
]
for (const [outcome, phase, failure] of outcomes) {
  test(`a failure of ${failure?.code ?? 'nobody'} while ${phase} has the outcome ${outcome}`, () => {
    const exchange = new Exchange('192.0.2.1', 0)
    if (phase !== 'receiving') exchange.enter(phase, 1)
    if (failure !== null) exchange.fail(failure)
    assert.equal(exchange.outcome, outcome)
  })
}

test('the first cause stands, in the phase it struck', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  exchange.enter('waiting', 1)
  const first = new Failure('read_timeout')
  exchange.fail(first)
  exchange.enter('delivering', 2)
  exchange.fail(new Failure('client_left'))
  assert.equal(exchange.failure, first)
  assert.equal(exchange.outcome, 'timeout:waiting')
})

test('an interrupt ends the one wait that is under way, once', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  const heard: string[] = []
  exchange.interrupt(new Failure('internal'))
  exchange.onInterrupt = failure => heard.push(failure.code)
  exchange.interrupt(new Failure('request_timeout'))
  exchange.interrupt(new Failure('drain_timeout'))
  assert.deepEqual(heard, ['request_timeout'])
  assert.equal(exchange.clientPresent, true)
})

test('a wait that begins from within the interrupt of the one before is kept', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  const heard: string[] = []
  exchange.onInterrupt = () => {
    exchange.onInterrupt = failure => heard.push(failure.code)
  }
  exchange.interrupt(new Failure('request_timeout'))
  exchange.interrupt(new Failure('client_left'))
  assert.deepEqual(heard, ['client_left'])
})

test('leaving marks the client as gone before anybody is woken', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  const seen: boolean[] = []
  exchange.onInterrupt = () => seen.push(exchange.clientPresent)
  exchange.leave(new Failure('client_left'))
  assert.deepEqual(seen, [false])
  assert.equal(exchange.clientPresent, false)
})

test('the path is the target without its query', () => {
  const exchange = new Exchange('192.0.2.1', 0)
  for (const [target, path] of [
    ['/a?secret=1?2', '/a'],
    ['/a', '/a'],
    ['/?', '/'],
    ['*', '*'],
  ]) {
    exchange.target = target!
    assert.equal(exchange.path, path)
  }
})

test('a client that closes its side well after its request seems to have left; with its request it does not', () => {
  const exchange = new Exchange('192.0.2.1', 1_000)
  exchange.enter('connecting', 6_000)
  assert.equal(exchange.leftAfter, null)
  exchange.halfClosedAt = 6_050
  assert.equal(exchange.leftAfter, null, 'a half-close')
  exchange.halfClosedAt = 6_800
  assert.equal(exchange.leftAfter, 800, 'counted from when the request was whole')
})

test('who closes its side long after its request is told to have left; who does so with it is there', () => {
  const exchange = new Exchange('127.0.0.1', 1000)
  exchange.enter('waiting', 1001)
  exchange.halfClosedAt = 1002
  assert.equal(exchange.seemsPresent, true)
  exchange.halfClosedAt = 1500
  assert.equal(exchange.seemsPresent, false)
})
