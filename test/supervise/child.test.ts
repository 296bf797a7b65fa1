// One run of a command: what it is given, how it ended, and its group.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { type Child, startChild } from '../../src/supervise/child.ts'
import { patience } from '../support/journal.ts'

function start(t: TestContext, ...command: string[]): { child: Child; said: PassThrough } {
  const said = new PassThrough()
  const output = {
    write: (lines: Buffer) => said.write(lines),
    onRoom: () => {},
    flushed: async () => {},
  }
  const env = { PATH: process.env.PATH }
  const child = startChild({ command, env, stdout: output, stderr: output, line: () => {} })
  t.after(() => child.signalAll('SIGKILL'))
  return { child, said }
}

const endings: [command: string[], status: number, words: RegExp][] = [
  [['sh', '-c', 'exit 3'], 3, /^it ended with status 3$/],
  [['sh', '-c', 'kill -9 $$'], 137, /^SIGKILL ended it$/],
  [['/no/such/program'], 127, /^\/no\/such\/program could not be started: .*ENOENT/],
  [['/tmp'], 126, /^\/tmp could not be started: .*EACCES/],
]
for (const [command, status, words] of endings) {
  test(`the ending of ${command.join(' ')}`, async t => {
    const { child } = start(t, ...command)
    const ending = await child.ended
    assert.equal(ending.status, status)
    assert.match(ending.words, words)
    assert.equal(child.lives(), false)
  })
}

test('it lives as long as any of its group does', async t => {
  const { child, said } = start(t, 'sh', '-c', 'sh -c "echo there; exec sleep 1000" & exit 0')
  await once(said, 'data')
  assert.equal((await child.ended).status, 0)
  assert.equal(child.lives(), true)
  child.signalAll('SIGTERM')
  const giveUp = performance.now() + patience
  while (child.lives() && performance.now() < giveUp) await new Promise(resolve => setTimeout(resolve, 5))
  assert.equal(child.lives(), false)
  child.signalAll('SIGTERM')
})
