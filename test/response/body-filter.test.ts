import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BodyFilter, chain, PromptFilter } from '../../src/response/body-filter.ts'
import { filtered } from '../support/filtered.ts'

/** Puts a mark behind every piece, and another at the end. */
class Marks extends PromptFilter {
  readonly #mark: string

  constructor(mark: string) {
    super()
    this.#mark = mark
  }

  protected take(piece: Buffer): void {
    this.give(piece)
    this.give(Buffer.from(this.#mark))
  }

  protected override finish(): void {
    this.give(Buffer.from(this.#mark.toUpperCase()))
  }
}

/** Whose taker has no room from the first piece on, until it is told. */
function taken(filter: BodyFilter): { pieces: string[]; rooms: number; ended: boolean } {
  const seen = { pieces: [] as string[], rooms: 0, ended: false }
  filter.onData = piece => {
    seen.pieces.push(piece.toString())
    return false
  }
  filter.onRoom = () => {
    seen.rooms++
  }
  filter.onEnd = () => {
    seen.ended = true
  }
  return seen
}

test('no filters are none, and one is itself', () => {
  const marks = new Marks('a')
  assert.equal(chain([]), null)
  assert.equal(chain([marks]), marks)
})

test('several behave as one, in their order', async () => {
  const filter = chain([new Marks('a'), new Marks('b'), new Marks('c')])!
  const { body } = await filtered(filter, ['1', '2'])
  assert.equal(body.toString(), '1cbcacbc2cbcacbcAcbcBcC')
})

test('a taker without room is felt at the other end, and so is its room', () => {
  const filter = chain([new Marks('a'), new Marks('b')])!
  const seen = taken(filter)
  assert.equal(filter.write(Buffer.from('1')), false)
  assert.equal(seen.rooms, 0)
  filter.resume()
  assert.equal(seen.rooms, 1)
  filter.resume()
  assert.equal(seen.rooms, 1, 'room is told once')
})

test('the end does not wait for room', () => {
  const filter = chain([new Marks('a'), new Marks('b')])!
  const seen = taken(filter)
  filter.write(Buffer.from('1'))
  filter.end()
  assert.equal(seen.ended, true)
  assert.equal(seen.pieces.at(-1), 'B')
})

test('nothing is called once nobody wants the rest', () => {
  const filter = chain([new Marks('a'), new Marks('b')])!
  const seen = taken(filter)
  filter.destroy()
  filter.write(Buffer.from('1'))
  filter.end()
  assert.deepEqual([seen.pieces, seen.ended], [[], false])
})

test('an error of any of them is the error of all, and ends them', () => {
  const [first, second] = [new Marks('a'), new Marks('b')]
  const filter = chain([first, second])!
  const errors: string[] = []
  const seen = taken(filter)
  filter.onError = detail => errors.push(detail)
  first.onError('broken')
  filter.write(Buffer.from('1'))
  assert.deepEqual([errors, seen.pieces], [['broken'], []])
})
