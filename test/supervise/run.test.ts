// One run as far as no server of its own is needed; with real gunicorn it is in test/e2e/child.test.ts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { allProcesses, processRow } from '../../src/kernel/processes.ts'
import { Run, type RunOptions } from '../../src/supervise/run.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'

interface Rig {
  readonly run: Run
  readonly stop: AbortController
  readonly journal: Journal<string>
}

async function start(t: TestContext, script: string, more: Partial<RunOptions> = {}): Promise<Rig> {
  const port = await freePort()
  const output = { write: () => true, onRoom: () => {}, flushed: async () => {} }
  const journal = new Journal<string>('the run')
  const stop = new AbortController()
  const options = {
    command: ['sh', '-c', script],
    upstreams: [{ name: `:${port}`, address: { kind: 'tcp', host: '127.0.0.1', port } }],
    env: { PATH: process.env.PATH },
    startTimeout: 30_000,
    path: '/',
    answers: async () => false,
    stdout: output,
    stderr: output,
    ...more,
  } as const
  const run = new Run(options, stop.signal, {
    ready: () => journal.push('ready'),
    line: text => journal.push(text),
    workers: () => {},
    ended: ({ words }) => journal.push(words),
    replaced: () => {},
  })
  t.after(() => run.signalAll('SIGKILL'))
  return { run, stop, journal }
}

test('a command that ends is told at once, and what it leaves behind has gone when the run is over', async t => {
  const left = join(temporaryFolder(t), 'left')
  const { run, journal } = await start(t, `sleep 1000 & echo $! >${left}; exit 3`)
  assert.deepEqual(await run.ended, { status: 3, words: 'it ended with status 3' })
  assert.deepEqual([journal.entries, run.readyAt], [['it ended with status 3'], 0])
  assert.ok((processRow(Number(readFileSync(left, 'utf8')))?.state ?? 'Z') === 'Z')
})

test('one that is not ready in its time is ended, and the run says so', async t => {
  const { run } = await start(t, 'exec sleep 1000', { startTimeout: 50 })
  assert.deepEqual(await run.ended, { status: 1, words: 'it was not ready within 0.05 s' })
})

test('an end that somebody wanted is no news', async t => {
  const { run, stop, journal } = await start(t, 'exec sleep 1000')
  stop.abort()
  await run.terminate()
  assert.equal((await run.ended).status, 143)
  assert.deepEqual(journal.entries, [])
})

test('there is no server to hand a signal to before anybody listens', async t => {
  const { run } = await start(t, 'exec sleep 1000')
  assert.equal(await run.signal('SIGHUP'), allProcesses() === null)
})
