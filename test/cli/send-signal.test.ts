// `-s`: the process that the pid file names gets the signal; whatever is wrong with that is told.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { main } from '../../src/cli/main.ts'
import { FakeIo } from './fakes.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'signal-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'nginx.conf'), 'pid a.pid; events {}')
  return folder
}

async function run(...argv: string[]): Promise<{ status: number; stderr: string }> {
  const io = new FakeIo()
  return { status: await main(argv, {}, io), stderr: io.stderr.text }
}

for (const [name, signal] of [
  ['stop', 'SIGTERM'],
  ['quit', 'SIGQUIT'],
  ['reload', 'SIGHUP'],
  ['reopen', 'SIGUSR1'],
] as const) {
  test(`-s ${name} is ${signal}`, async t => {
    const folder = folderOf(t)
    const child = spawn('sleep', ['60'])
    t.after(() => child.kill('SIGKILL'))
    await once(child, 'spawn')
    writeFileSync(join(folder, 'a.pid'), `${child.pid}\n`)
    const { status, stderr } = await run('-p', folder, '-c', 'nginx.conf', '-s', name)
    assert.deepEqual([status, stderr], [0, ''])
    const [, by] = await once(child, 'exit')
    assert.equal(by, signal)
  })
}

test('nobody to tell', async t => {
  const folder = folderOf(t)
  const { status, stderr } = await run('-c', join(folder, 'nginx.conf'), '-s', 'stop')
  assert.equal(status, 1)
  assert.match(stderr, /^shieldproxy: \[error\] ENOENT: .*a\.pid/)
})

for (const text of ['', '0', '-1', '1x', '99999999999']) {
  test(`a pid file that holds ${JSON.stringify(text)} is refused`, async t => {
    const folder = folderOf(t)
    writeFileSync(join(folder, 'a.pid'), text)
    const { status, stderr } = await run('-c', join(folder, 'nginx.conf'), '-s', 'stop')
    assert.equal(status, 1)
    assert.match(stderr, /^shieldproxy: \[error\] invalid PID number /)
  })
}

test('a word that is none, a file without pid, no file', async t => {
  const file = join(folderOf(t), 'nginx.conf')
  assert.match((await run('-c', file, '-s', 'jump')).stderr, /invalid option: "-s jump"; it is one of stop, /)
  writeFileSync(file, 'events {}')
  for (const argv of [
    ['-c', file],
    ['-u', ':8000'],
  ]) {
    const { status, stderr } = await run(...argv, '-s', 'stop')
    assert.equal(status, 2)
    assert.match(stderr, /-s needs a file with a "pid" directive/)
  }
})
