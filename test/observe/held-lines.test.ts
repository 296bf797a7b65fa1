import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { HeldLines } from '../../src/observe/held-lines.ts'
import { direct } from '../../src/observe/sink.ts'

function held(holding: { buffer: number; flush?: number; gzip?: number }) {
  const pieces: string[] = []
  const lines = direct({ write: text => void pieces.push(text) })
  return { pieces, lines: new HeldLines({ flush: 0, gzip: 0, ...holding }, lines) }
}

test('lines are held until the buffer has no room for the next one', () => {
  const { pieces, lines } = held({ buffer: 10 })
  for (const line of ['1234\n', '5678\n', '9\n']) lines.write(line)
  assert.deepEqual(pieces, ['1234\n5678\n'])
  lines.write('longer than all of it\n')
  assert.deepEqual(pieces, ['1234\n5678\n', '9\n', 'longer than all of it\n'])
  lines.write('last\n')
  lines.release()
  lines.release()
  assert.deepEqual(pieces.slice(3), ['last\n'])
})

test('no longer than flush=', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { pieces, lines } = held({ buffer: 100, flush: 1_000 })
  lines.write('a\n')
  t.mock.timers.tick(600)
  lines.write('b\n')
  t.mock.timers.tick(399)
  assert.deepEqual(pieces, [])
  t.mock.timers.tick(1)
  assert.deepEqual(pieces, ['a\nb\n'])
  lines.write('c\n')
  t.mock.timers.tick(1_000)
  assert.deepEqual(pieces, ['a\nb\n', 'c\n'])
})

test('compressed pieces are gzip files one after the other', () => {
  const { pieces, lines } = held({ buffer: 4, gzip: 9 })
  for (const line of ['a\xe9\n', 'b\n', 'c\n']) lines.write(line)
  lines.release()
  assert.equal(gunzipSync(Buffer.from(pieces.join(''), 'latin1')).toString('latin1'), 'a\xe9\nb\nc\n')
  assert.equal(pieces.length, 2)
})
