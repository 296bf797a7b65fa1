// The app's life as far as no server of its own is needed; with real gunicorn it is in test/e2e/child.test.ts.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Supervisor } from '../../src/supervise/supervisor.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'

async function start(t: TestContext, ...command: string[]): Promise<Supervisor> {
  const port = await freePort()
  const output = { write: () => true, onRoom: () => {}, flushed: async () => {} }
  const supervisor = new Supervisor({
    command,
    upstreams: [{ name: `:${port}`, address: { kind: 'tcp', host: '127.0.0.1', port } }],
    env: { PATH: process.env.PATH },
    startTimeout: 30_000,
    restart: 'never',
    path: '/',
    answers: async () => false,
    stdout: output,
    stderr: output,
  })
  t.after(() => supervisor.kill())
  return supervisor
}

for (const how of ['stop', 'kill'] as const) {
  test(`what is ended before it was started is not started (${how})`, async t => {
    const trace = join(temporaryFolder(t), 'started')
    const supervisor = await start(t, 'sh', '-c', `touch ${trace}; exec sleep 1000`)
    // Whether somebody listens at its address is looked at first, which takes a moment.
    if (how === 'stop') void supervisor.stop(Promise.resolve(), 60_000)
    else supervisor.kill()
    const { status, words } = await supervisor.ended
    assert.deepEqual([status, words], [143, 'it was not started any more'])
    assert.equal(existsSync(trace), false)
  })
}
