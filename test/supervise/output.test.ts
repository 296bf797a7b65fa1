// The app's output on its way: unchanged, in whole lines, and at the pace of who reads it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { forward, type Output, openOutput } from '../../src/supervise/output.ts'
import { patience } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'

function collector() {
  const writes: string[] = []
  const ready: (() => void)[] = []
  const state = { room: true }
  const output: Output = {
    write: lines => {
      writes.push(lines.toString('latin1'))
      return state.room
    },
    onRoom: each => void ready.push(each),
    flushed: async () => {},
  }
  return { output, writes, ready, state }
}

test('lines come out whole, however they came in, and the last one gets its end', async () => {
  const { output, writes } = collector()
  const source = new PassThrough()
  forward(source, output, () => {})
  for (const piece of ['on', 'e\ntwo\nth', 'r\xff', 'ee\n', '\n', 'four'])
    source.write(Buffer.from(piece, 'latin1'))
  source.end()
  await new Promise(resolve => source.once('end', resolve))
  assert.deepEqual(writes, ['one\ntwo\n', 'thr\xffee\n', '\n', 'four\n'])
})

test('lines on workers are shown, others are not', async () => {
  const seen: string[] = []
  const source = new PassThrough()
  forward(source, collector().output, line => seen.push(line))
  source.end('hello\nBooting worker with pid: 5\nbye\n[CRITICAL] WORKER TIMEOUT (pid:5)')
  await new Promise(resolve => source.once('end', resolve))
  assert.deepEqual(seen, ['Booting worker with pid: 5', '[CRITICAL] WORKER TIMEOUT (pid:5)'])
})

test('a line without end goes on in pieces', async () => {
  const { output, writes } = collector()
  const source = new PassThrough()
  forward(source, output, () => {})
  source.write(Buffer.alloc(70_000, 'x'))
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(writes.join('').length, 70_000)
})

test('the app waits for room, and goes on when there is some', async () => {
  const { output, writes, ready, state } = collector()
  state.room = false
  const source = new PassThrough()
  forward(source, output, () => {})
  source.write('a\n')
  await new Promise(resolve => setImmediate(resolve))
  source.write('b\n')
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(writes, ['a\n'])
  for (const go of ready.splice(0)) go()
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(writes, ['a\n', 'b\n'])
})

test('all of it is written, in order, also more than fits one write', async t => {
  const file = join(temporaryFolder(t), 'out')
  const fd = openSync(file, 'w')
  t.after(() => closeSync(fd))
  const output = openOutput(fd)
  let expected = ''
  for (let i = 0; i < 2000; i++) {
    const line = `${i} ${'x'.repeat(i % 97 === 0 ? 9000 : i % 50)}\n`
    expected += line
    output.write(Buffer.from(line.repeat(1)))
  }
  await output.flushed()
  assert.equal(readFileSync(file, 'utf8'), expected)
})

test('a reader that stalls is told by the lack of room; one that has gone stops nothing', async t => {
  const pipe = join(temporaryFolder(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  const output = openOutput(writer)
  const line = Buffer.from(`${'y'.repeat(1023)}\n`)
  let written = 0
  while (output.write(line)) written += line.length
  assert.ok(written >= 200 * 1024, `room for ${written} bytes`)
  const room = new Promise<void>(resolve => output.onRoom(resolve))
  let there = false
  void room.then(() => (there = true))
  const giveUp = performance.now() + patience
  while (!there && performance.now() < giveUp) {
    await new Promise(resolve => setTimeout(resolve, 5))
    drain(reader)
  }
  assert.ok(there, 'no room although all was read')
  closeSync(reader)
  await output.flushed()
  assert.equal(output.write(line), true)
  closeSync(writer)
})

function drain(reader: number): void {
  try {
    readSync(reader, Buffer.alloc(65_536))
  } catch (error) {
    // Nothing has been written yet.
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
  }
}
