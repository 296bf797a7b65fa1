import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BodyFilter, NOBODY } from '../../src/response/body-filter.ts'
import type { Delivery } from '../../src/response/delivery.ts'
import { FilteredBody } from '../../src/response/filtered-body.ts'
import { isOffered, lendPiece, PIECE } from '../../src/socket/lent.ts'

function joined(endsAtOnce: boolean, told: Partial<Delivery> = {}) {
  const events: string[] = []
  const filter: BodyFilter = {
    ...NOBODY,
    write: piece => filter.onData(piece),
    flush: () => events.push('filter flushed'),
    end: () => {
      if (endsAtOnce) filter.onEnd()
    },
    resume() {},
    destroy() {},
  }
  const delivery = {
    buffering: true,
    data: (piece: Buffer) => events.push(piece.toString()) > 0,
    flush: () => events.push('flushed'),
    room: true,
    ...told,
  } as unknown as Delivery
  const body = new FilteredBody(filter, delivery, {
    filtered: () => events.push('ended'),
    goOn() {},
    filterFailed() {},
  })
  return { body, filter, events }
}

test('what comes of the worker’s piece goes out with that; what comes later at once', () => {
  const { body, filter, events } = joined(false)
  body.write(Buffer.from('a'))
  assert.deepEqual(events, ['a'])
  filter.onData(Buffer.from('b'))
  assert.deepEqual(events, ['a', 'b', 'flushed'])
})

test('where more is to come after the worker’s last piece, that does not wait in the worker’s memory', () => {
  const late = joined(false)
  late.body.write(Buffer.from('a'))
  late.body.end()
  assert.deepEqual(late.events, ['a', 'flushed'])
  const prompt = joined(true)
  prompt.body.write(Buffer.from('a'))
  prompt.body.end()
  assert.deepEqual(prompt.events, ['a', 'ended'])
})

test('whether there is room is asked when a later piece has been flushed, which may give some, or take it', () => {
  for (const room of [true, false]) {
    const { filter } = joined(false, { data: () => !room, flush: () => {}, room })
    assert.equal(filter.onData(Buffer.from('later')), room)
  }
})

test('what a filter gives on as it came nobody may have: it looks at it again', () => {
  const { body, filter } = joined(true)
  let offered = true
  filter.write = piece => {
    offered = isOffered(piece)
    return true
  }
  lendPiece(Buffer.alloc(PIECE), PIECE, { received: bytes => void body.write(bytes) })
  assert.equal(offered, false)
})
