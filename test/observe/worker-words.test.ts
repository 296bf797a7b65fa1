// Which words explain which loss.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inEvidence, type WorkerWord, WorkerWords } from '../../src/observe/worker-words.ts'

function heard(...all: [at: number, word: WorkerWord][]): WorkerWords {
  const words = new WorkerWords()
  for (const [at, word] of all) words.hear(word, at)
  return words
}
const timeout = (pid: number): WorkerWord => ({ kind: 'timeout', pid })
const killed = (pid: number): WorkerWord => ({ kind: 'signalled', pid, signal: 'SIGKILL' })

test('all that was said of one process belongs together, and explains one loss', () => {
  const words = heard([1000, timeout(7)], [1050, timeout(8)], [2000, killed(7)])
  assert.deepEqual(words.explain(1900, 7), { pid: 7, words: [timeout(7), killed(7)] })
  assert.deepEqual(words.explain(1900, 7), { pid: 7, words: [] })
})

test('where the process is not known, the nearest words in time explain', () => {
  const words = heard([1000, timeout(7)], [2950, killed(8)])
  assert.deepEqual(words.explain(3000, null), { pid: 8, words: [killed(8)] })
  assert.deepEqual(words.explain(3000, null), { pid: 7, words: [timeout(7)] })
  assert.deepEqual(words.explain(3000, null), { pid: null, words: [] })
})

test('what is said of a process whose request is known explains no other, also when it comes late', () => {
  const words = heard([1000, timeout(7)])
  assert.deepEqual(words.explain(1100, 7).words, [timeout(7)])
  words.hear(killed(7), 2300)
  assert.deepEqual(words.explain(2350, null), { pid: null, words: [] })
  assert.deepEqual(words.explain(1100, 7).words, [killed(7)])
})

test('a request that is named by a process has its words, whichever loss is judged first', () => {
  const words = heard([1000, killed(7)])
  words.reserve(7, 1010)
  assert.deepEqual(words.explain(1020, null), { pid: null, words: [] })
  assert.deepEqual(words.explain(1010, 7).words, [killed(7)])
  // Processes are numbered anew in time.
  words.forget(20_000)
  words.hear(killed(7), 20_100)
  assert.deepEqual(words.explain(20_110, null).words, [killed(7)])
})

test('words of another time, or of another process, explain nothing', () => {
  const words = heard([1000, timeout(7)], [9000, timeout(7)], [5000, { kind: 'booting', pid: 9 }])
  assert.deepEqual(words.explain(5000, null).words, [])
  assert.deepEqual(words.explain(1000, 8).words, [])
  words.forget(12_000)
  assert.deepEqual(words.explain(1000, 7).words, [])
})

test('the end of the app as a whole explains every loss with it', () => {
  const end: WorkerWord = { kind: 'app ended', status: 137, words: 'SIGKILL ended it' }
  const words = heard([1000, end])
  assert.deepEqual(words.explain(1010, null), { pid: null, words: [end] })
  assert.deepEqual(words.explain(1020, 3), { pid: 3, words: [end] })
})

test('as evidence they are sentences', () => {
  assert.equal(inEvidence(timeout(7)), 'the server said: WORKER TIMEOUT (pid:7)')
  assert.equal(inEvidence(killed(7)), 'the server saw SIGKILL end its worker 7')
  assert.equal(
    inEvidence({ kind: 'exited', pid: 7, status: 1 }),
    'the server saw its worker 7 end with status 1',
  )
})
