// What the doctor learns from the words that gunicorn was started with, running (real gunicorn) or after `--`: and that
// it says nothing of what it cannot see.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  commandedGunicorn,
  runningGunicorn,
} from '../../../../src/cli/commands/doctor/gunicorn-command-line.ts'
import { describeWorkers } from '../../../../src/cli/commands/doctor/gunicorn-settings.ts'
import { main } from '../../../../src/cli/main.ts'
import type { Address } from '../../../../src/config/config.ts'
import { type GunicornOptions, startGunicorn } from '../../../support/gunicorn.ts'
import { temporaryFolder } from '../../../support/owner.ts'
import { without } from '../../../support/servers.ts'
import { FakeIo } from '../../fakes.ts'

const linux = process.platform === 'linux' ? false : 'needs /proc'
const real = linux || without('gunicorn')

function tcp(address: string): Address {
  const [host = '', port] = address.split(':')
  return { kind: 'tcp', host, port: Number(port) }
}

async function doctor(...argv: string[]) {
  const io = new FakeIo()
  const status = await main(['doctor', ...argv], {}, io)
  return { status, stdout: io.stdout.text, stderr: io.stderr.text }
}

/** A running gunicorn of 60 s, and what the doctor says of it. */
async function toldOf(t: TestContext, options: GunicornOptions, ...argv: string[]) {
  const gunicorn = await startGunicorn(t, { workers: 2, timeout: 60, ...options })
  const told = await doctor(
    '--upstream',
    gunicorn.address,
    '--worker-timeout',
    '60s',
    '--drain-timeout',
    '60s',
    ...argv,
  )
  return { gunicorn, ...told }
}

test('the class and the number of running workers are told', { skip: real }, async t => {
  const args = ['--graceful-timeout', '60']
  const { gunicorn, status, stdout } = await toldOf(t, { args })
  const seen = `gunicorn’s process ${gunicorn.pid} (worker_class = sync (the default), workers = 2, threads = 1 (the default))`
  assert.ok(stdout.includes(seen), stdout)
  assert.equal(status, 0, stdout)
})

test('on a Unix socket too', { skip: real }, async t => {
  const path = join(temporaryFolder(t), 'g.sock')
  const gunicorn = await startGunicorn(t, { workers: 1, bind: `unix:${path}` })
  const settings = await runningGunicorn({ kind: 'unix', path })
  assert.equal(settings?.from, `gunicorn’s process ${gunicorn.pid}`)
})

test('running workers of another class than the limit is for are told', { skip: real }, async t => {
  const args = ['-k', 'gevent']
  const env = { GUNICORN_CMD_ARGS: '--worker-class gthread --threads 4 --keep-alive 5' }
  const { stdout } = await toldOf(t, { env }, '--workers', '2')
  assert.match(
    stdout,
    /workers stay idle while requests wait\n {3}seen: --workers: 2; workers = 2, by gunicorn’s process \d+ × threads = 4,/,
  )
  const after = commandedGunicorn(['gunicorn', ...args, 'app:app'], env)
  assert.equal(after?.values.get('worker_class'), 'gevent', 'its own words count before the variable')
})

test('a thread that idle connections keep, and a timeout that never ends, are told', {
  skip: real,
}, async t => {
  const args = ['-k', 'gthread', '--keep-alive', '5', '--timeout', '0']
  const { status, stdout } = await toldOf(t, { args })
  assert.equal(status, 1)
  assert.match(stdout, /a thread may be kept .*\n {3}seen: worker_class = gthread, by .*; keepalive = 5, by /)
  assert.match(stdout, /a request that hangs holds its worker for ever\n {3}seen: timeout = 0, by /)
})

test('of what a file may say otherwise nothing is concluded', { skip: real }, async t => {
  const args = ['-c', '/dev/null']
  const { gunicorn, status, stdout } = await toldOf(t, { args })
  assert.ok(stdout.includes(`gunicorn’s process ${gunicorn.pid} (workers = 2)`), stdout)
  assert.equal(status, 0, stdout)
})

test('no value of a variable but those is told', { skip: real }, async t => {
  const env = {
    DATABASE_URL: 'postgres://u:hunter2@db',
    WEB_CONCURRENCY: 'hunter2',
    GUNICORN_CMD_ARGS: '--graceful-timeout 60 --env SECRET=hunter2 --name hunter2',
  }
  const { stdout, stderr } = await toldOf(t, { env: { ...env, WEB_CONCURRENCY: '7' } })
  assert.ok(!`${stdout}${stderr}`.includes('hunter2'))
  assert.match(stdout, /workers = 2/)
  const settings = commandedGunicorn(['gunicorn', '-k', 'x; hunter2', 'app:app'], env)
  assert.deepEqual([...(settings?.values ?? [])], [['graceful_timeout', '60']])
})

test('nothing is said of a server that is another, or not to be seen', { skip: linux }, async t => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  assert.equal(await runningGunicorn(tcp(`127.0.0.1:${port}`)), null)
  assert.equal(await runningGunicorn(tcp('192.0.2.1:8000')), null)
  assert.equal(await runningGunicorn({ kind: 'unix', path: '/nowhere/app.sock' }), null)
})

const commands: [command: string[], env: Record<string, string>, told: string | null][] = [
  [
    ['gunicorn', 'app:app'],
    { WEB_CONCURRENCY: '3' },
    'worker_class = sync (the default), workers = 3, threads = 1 (the default)',
  ],
  [
    ['gunicorn', '-w', '4', '--threads=2', 'app:app'],
    {},
    'worker_class = sync (the default), workers = 4, threads = 2',
  ],
  [['gunicorn', '-w', '4', '-c', 'g.py', 'app:app'], {}, 'workers = 4'],
  [['poetry', 'run', 'gunicorn', '-k', 'gevent', 'app:app'], {}, 'worker_class = gevent'],
  [['sh', '-c', 'cd app && gunicorn -w $N app:app'], { N: '5' }, 'workers = 5'],
  [['sh', '-c', 'gunicorn -w $(nproc) app:app'], {}, 'what it is given cannot be seen'],
  [['gunicorn', 'app:app'], { GUNICORN_CMD_ARGS: "-w '4" }, 'what it is given cannot be seen'],
  [['uvicorn', 'app:app'], {}, null],
]
for (const [command, env, told] of commands) {
  test(`the command ${command.join(' ')} with ${JSON.stringify(env)}`, () => {
    const settings = commandedGunicorn(command, env)
    assert.equal(settings === null ? null : describeWorkers(settings), told)
  })
}

test('what is told of the command is not told again of the running one', { skip: real }, async t => {
  const command = ['--', 'gunicorn', '--timeout', '0', 'app:app']
  const { stdout } = await toldOf(t, { args: ['--timeout', '0'] }, ...command)
  assert.match(stdout, /the command after -- \(.*\), gunicorn’s process \d+ \(/)
  assert.equal(stdout.split('holds its worker for ever').length, 2, stdout)
})
