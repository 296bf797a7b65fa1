import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  paused,
  queueFull,
  refusesConnections,
  waitedInVain,
  waitedTooLong,
} from '../../src/admit/wait-failure.ts'

test('each says in the log how long or how many, and to the client when to come again', () => {
  const seen = [
    refusesConnections(),
    queueFull(1_024, 3),
    waitedTooLong(30_000.4),
    waitedInVain(1_499.7, 2),
    paused('the queue is full', 5, 'Back at noon'),
  ].map(({ code, detail, retryAfter, words }) => [code, detail, retryAfter, words])
  assert.deepEqual(seen, [
    ['upstream_down', 'the upstream refuses connections', null, null],
    ['queue_full', '1024 requests wait already', 3, null],
    ['queue_timeout', 'waited 30000 ms for a worker slot', null, null],
    ['overloaded', 'waited 1500 ms; it could not have been answered before its client leaves', 2, null],
    ['paused', 'the queue is full', 5, 'Back at noon'],
  ])
})
