import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Keepsake } from '../../src/attempt/keepsake.ts'
import { now } from '../../src/clock.ts'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import type { AnswerCopy, Reception, RequestInHand } from '../../src/passing.ts'

const LEFT = new Failure('client_left', 'it left')

function rig({ sized = true, patience }: { sized?: boolean; patience?: number } = {}) {
  const events: string[] = []
  const copy: AnswerCopy = {
    full: false,
    onRoom: null,
    write: piece => {
      events.push(`copy ${piece.toString()}`)
      return !copy.full
    },
    whole: () => events.push('whole'),
    fail: () => events.push('failed'),
  }
  const keepsake = new Keepsake(
    () => events.push('resume'),
    () => events.push('given up'),
    patience,
  )
  const exchange = new Exchange('127.0.0.1', now())
  const request = { exchange, intake: null } as RequestInHand
  const head = (kept: AnswerCopy | null = copy) =>
    keepsake.head(
      { kind: 'deliver', copy: kept, filter: null } as Extract<Reception, { kind: 'deliver' }>,
      sized,
    )
  const data = (text: string, room = true) =>
    keepsake.data(Buffer.from(text), piece => {
      events.push(`client ${piece.toString()}`)
      return room
    })
  return { keepsake, copy, events, exchange, request, head, data }
}

test('both get each piece; the worker waits while either has no room, and goes on when both have', () => {
  const { keepsake, copy, events, head, data } = rig()
  assert.equal(head(), false)
  assert.ok(data('a'))
  assert.ok(!data('b', false))
  assert.ok(keepsake.resumed())
  Object.assign(copy, { full: true })
  assert.ok(!data('c', false))
  assert.ok(!keepsake.resumed(), 'the copy has no room yet')
  Object.assign(copy, { full: false })
  copy.onRoom!()
  keepsake.whole()
  assert.deepEqual(events, [
    ...['copy a', 'client a', 'copy b', 'client b', 'copy c', 'client c'],
    ...['resume', 'whole'],
  ])
})

test('while the client has no room, room for the copy changes nothing', () => {
  const { copy, events, head, data } = rig()
  head()
  Object.assign(copy, { full: true })
  data('a', false)
  Object.assign(copy, { full: false })
  copy.onRoom!()
  assert.deepEqual(events, ['copy a', 'client a'])
})

test('when the client leaves, an answer that is kept is read on, and one that is not is not', () => {
  for (const kept of [true, false]) {
    const { keepsake, events, copy, exchange, request, head, data } = rig()
    head(kept ? copy : null)
    data('a', false)
    assert.equal(keepsake.leave(LEFT, request), false, 'it is still there: it was the answer that failed')
    exchange.clientPresent = false
    assert.equal(keepsake.leave(LEFT, request), kept)
    if (!kept) continue
    assert.equal(exchange.failure, LEFT)
    assert.ok(data('b', false))
    assert.deepEqual(events, ['copy a', 'client a', 'resume', 'copy b'])
  }
})

test('one that does not say how long it is is not read for ever without the client, whenever that has left', () => {
  for (const sized of [true, false])
    for (const before of [true, false]) {
      const { keepsake, events, exchange, request, head, data } = rig({ sized, patience: 0 })
      if (!before) head()
      if (!before) data('a')
      exchange.clientPresent = false
      assert.ok(keepsake.leave(LEFT, request))
      if (before) head()
      assert.ok(data('b'))
      assert.deepEqual(events.slice(-2), sized ? ['resume', 'copy b'] : ['failed', 'given up'])
    }
})

test('before the head nobody knows whether it will be kept: it is waited for, unless its request is not whole', () => {
  for (const whole of [true, false]) {
    const { keepsake, copy, exchange, request, head } = rig()
    Object.assign(request, { intake: { whole } })
    exchange.clientPresent = false
    assert.equal(keepsake.leave(LEFT, request), whole)
    if (whole) assert.ok(head(copy), 'there is nobody else to take it')
  }
})
