import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnAnswered, learnLeft } from '../../src/attempt/lessons.ts'
import { now } from '../../src/clock.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { RequestInHand } from '../../src/passing.ts'

/** A request that a worker has had for a second, and what the queue has learnt of it. */
function requestWith(): { request: RequestInHand; exchange: Exchange; learnt: string[] } {
  const at = now()
  const exchange = new Exchange('192.0.2.1', at - 2_000)
  exchange.route = 'GET /'
  exchange.enter('queued', at - 2_000)
  exchange.enter('waiting', at - 1_000)
  exchange.workerSince = at - 1_000
  const learnt: string[] = []
  const admission = {
    answered: (route: string, ageMs: number, tookMs: number) =>
      learnt.push(`answered ${route} ${rough(ageMs)} ${rough(tookMs)}`),
    abandoned: (route: string, ageMs: number, waitedMs: number) =>
      learnt.push(`abandoned ${route} ${rough(ageMs)} ${rough(waitedMs)}`),
  }
  return { request: { exchange, rules: { admission } } as unknown as RequestInHand, exchange, learnt }
}

/** Seconds, whatever the test itself takes. */
const rough = (ms: number): string => `${Math.round(ms / 1_000)} s`

test('a whole answer tells what it took, and how long its client waited in all', () => {
  const { request, learnt } = requestWith()
  learnAnswered(request)
  assert.deepEqual(learnt, ['answered GET / 2 s 1 s'])
})

test('one whose client seems to have left meanwhile tells how long that stayed', () => {
  const { request, exchange, learnt } = requestWith()
  exchange.halfClosedAt = exchange.startedAt + 1_400
  learnAnswered(request)
  assert.deepEqual(learnt, ['abandoned GET / 1 s 1 s'])
})

test('a client that leaves tells how long it stayed, unless its answer had begun or it was not the client that ended it', () => {
  const { request, exchange, learnt } = requestWith()
  learnLeft(request, new Failure('client_left', ''))
  learnLeft(request, new Failure('answer_broken', ''))
  exchange.enter('responding')
  learnLeft(request, new Failure('client_left', ''))
  assert.deepEqual(learnt, ['abandoned GET / 2 s 1 s'])
})
