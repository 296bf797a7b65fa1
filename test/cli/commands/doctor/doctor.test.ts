// `shieldproxy doctor` as people call it: what it looks at, what it tells, its exit status.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { main } from '../../../../src/cli/main.ts'
import { startSyncWorkers } from '../../../support/sync-worker.ts'
import { FakeIo } from '../../fakes.ts'

async function doctor(...argv: string[]) {
  const io = new FakeIo()
  const status = await main(['doctor', ...argv], {}, io)
  return { status, stdout: io.stdout.text, stderr: io.stderr.text }
}

test('a healthy app and settings are called so', async t => {
  const workers = await startSyncWorkers(t)
  const { status, stdout, stderr } = await doctor('--upstream', workers.address)
  assert.deepEqual([status, stderr], [0, ''], stdout)
  assert.match(
    stdout,
    /^Looked at the settings, the app at .* \(GET \/healthcheck\)\.\nNothing to mend was found\.\n$/,
  )
})

test('each finding has its evidence and its remedy, and the status says that there are some', async t => {
  const workers = await startSyncWorkers(t)
  const { status, stdout } = await doctor(
    '--upstream',
    workers.address,
    '--worker-timeout',
    '2m',
    '--edge',
    'alb',
    '--spool-dir',
    '/nowhere',
  )
  assert.equal(status, 1)
  assert.match(
    stdout,
    /\n1\. alb gives up .*\n {3}seen: --worker-timeout 120s, alb waits 60s\n {3}do: {3}give the app server/,
  )
  assert.match(stdout, /\n\d\. large requests and answers cannot be put on disk\n/)
})

test('the command that runs the app counts, as it does when it is run', async t => {
  const workers = await startSyncWorkers(t)
  const gunicorn = ['--', 'gunicorn', '-w', '4', '--timeout', '90', 'app:app']
  const { status, stdout } = await doctor('--upstream', workers.address, '--edge', 'alb', ...gunicorn)
  assert.equal(status, 1)
  assert.match(stdout, /seen: --worker-timeout 90s, alb waits 60s/)
})

test('settings that cannot be read are the first thing to mend', async () => {
  const { status, stdout, stderr } = await doctor('--upstream', ':8000', '--wrokers', '4')
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(stderr, /did you mean --workers\?/)
})

test('without an app or a file it says what it needs', async () => {
  const { status, stderr } = await doctor()
  assert.equal(status, 2)
  assert.match(stderr, /--upstream/)
})
