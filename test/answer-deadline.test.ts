import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerDeadline, type Intake } from '../src/answer-deadline.ts'
import { Clock, now } from '../src/clock.ts'
import type { Failure } from '../src/errors.ts'
import { Exchange } from '../src/exchange.ts'

function rig(intake: Intake | null = null) {
  const clock = new Clock()
  const exchange = new Exchange('127.0.0.1', now())
  const heard: string[] = []
  exchange.onInterrupt = (failure: Failure) => heard.push(failure.code)
  return { clock, exchange, heard, deadline: new AnswerDeadline(exchange, clock, 28_000, intake) }
}

test('a request that still waits when the edge would give up hears of it', () => {
  const { clock, exchange, heard } = rig()
  clock.tick(exchange.answerBy - 1)
  assert.deepEqual(heard, [])
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, ['edge_timeout'])
})

test('an answer that has begun goes on', () => {
  const { clock, exchange, heard } = rig()
  exchange.status = 200
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, [])
})

test('after the end nothing is heard, and ending twice is harmless', () => {
  const { clock, exchange, heard, deadline } = rig()
  deadline.end()
  deadline.end()
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, [])
})

test('while the body still comes the edge is patient: its time begins when the request is whole', () => {
  const intake = { started: true, whole: false }
  const { clock, exchange, heard, deadline } = rig(intake)
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, [])
  intake.whole = true
  deadline.requestWhole()
  assert.ok(exchange.answerBy > now() + 27_000)
  clock.tick(exchange.answerBy - 1)
  assert.deepEqual(heard, [])
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, ['edge_timeout'])
})

test('a body that nobody has asked for yet counts as sent: its request waits', () => {
  const { clock, exchange, heard } = rig({ started: false, whole: false })
  clock.tick(exchange.answerBy)
  assert.deepEqual(heard, ['edge_timeout'])
})

test('a body that is whole after the end begins nothing', () => {
  const { clock, heard, deadline } = rig({ started: true, whole: true })
  deadline.end()
  deadline.requestWhole()
  clock.tick(now() + 60_000)
  assert.deepEqual(heard, [])
})
