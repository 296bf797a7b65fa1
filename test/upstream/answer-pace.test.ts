import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../src/clock.ts'
import { AnswerPace } from '../../src/upstream/answer-pace.ts'

const START = 10_000

function paced(perSecond: number) {
  const sink = { room: true }
  const clock = new Clock()
  const told: string[] = []
  const pace = new AnswerPace(perSecond, clock, {
    passOn(piece) {
      told.push(piece.toString())
      return sink.room
    },
    flush: () => told.push('flush'),
    goOn: () => told.push('on'),
  })
  /** What is told by then. */
  const by = (ms: number) => {
    for (let at = START; at <= START + ms; at += 100) clock.tick(at)
    return told.splice(0)
  }
  return { sink, pace, by, take: (text: string, ms = 0) => pace.take(Buffer.from(text), START + ms) }
}

test('what the rate has for one second comes at once', () => {
  const { take, by } = paced(4)
  assert.deepEqual([take('ab'), take('cd')], [true, true])
  assert.deepEqual(by(0), ['ab', 'cd'])
})

test('what has come beyond it is passed on as time goes, and then the worker goes on', () => {
  const { pace, take, by } = paced(10)
  assert.equal(take('0123456789abcd'), false)
  assert.equal(pace.waiting, true)
  assert.deepEqual(by(0), ['0123456789'])
  assert.deepEqual(by(300), ['a', 'flush', 'b', 'flush', 'c', 'flush'])
  assert.deepEqual(by(400), ['d', 'flush', 'on'])
  // The worker was late: for the second that it took nothing, so much more may come.
  assert.equal(take('0123456789', 1400), true)
})

test('the worker does not go on while there is no room for what it sends', () => {
  const { sink, pace, take, by } = paced(10)
  sink.room = false
  assert.equal(take('0123456789ab'), false)
  assert.deepEqual(by(200), ['0123456789', 'a', 'flush', 'b', 'flush'])
  assert.equal(pace.waiting, false, 'it goes on when there is room again')
})

test('pieces stay in their order, and the end comes last', () => {
  const { pace, take, by } = paced(2)
  assert.deepEqual([take('abc'), take('d')], [false, false])
  let ended = false
  pace.end(() => (ended = true))
  // The first at the end: the memory in which the worker's last piece came is another's from then on.
  assert.deepEqual([by(-1), ended], [['ab', 'flush'], false])
  assert.deepEqual([by(500), ended], [['flush', 'flush', 'flush', 'flush', 'c', 'flush'], false])
  assert.deepEqual([by(1000).filter(word => word !== 'flush'), ended], [['d'], true])
})

test('of an answer that breaks off what has come is passed on at once; what nobody wants is not', () => {
  const broken = paced(1)
  broken.take('abc')
  broken.pace.release()
  assert.deepEqual(broken.by(9000), ['a', 'bc'])
  const unwanted = paced(1)
  unwanted.take('abc')
  unwanted.pace.drop()
  assert.deepEqual(unwanted.by(9000), ['a'])
})
