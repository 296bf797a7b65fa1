// `status` and `top` against a running shield, from outside: what is printed, what is said when it cannot be, and that
// the terminal is left as it was.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Journal } from '../../support/journal.ts'
import { startShield } from '../../support/shield.ts'
import { startSyncWorkers } from '../../support/sync-worker.ts'

const program = fileURLToPath(new URL('../../../bin/shieldproxy.ts', import.meta.url))

function run(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>(resolve => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    )
  })
}

/** A shield whose one worker has `/hold/report`, while `/next` waits. */
async function busyShield(t: TestContext) {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '1'] })
  const holder = (await shield.connect()).request('GET', '/hold/report')
  const held = await workers.job('/hold/report')
  const waiting = (await shield.connect()).request('GET', '/next')
  await shield.queued(1)
  return { shield, held, holder, waiting }
}

test('status names the request that holds the worker, and the one that waits', async t => {
  const { shield } = await busyShield(t)
  const { status, stdout, stderr } = await run(['status', '--admin', shield.admin])
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /1 of 1 workers busy \(--workers\)/)
  assert.match(stdout, /^ +0 .* waiting +GET +\/hold\/report .*127\.0\.0\.1 +yes/m)
  assert.match(stdout, /^ +· .* queued +GET +\/next /m)
})

test('status --json is what the admin listener says, found by the variable too', async t => {
  const { shield } = await busyShield(t)
  const { status, stdout } = await run(['status', '--json'], { SHIELDPROXY_ADMIN: shield.admin })
  assert.equal(status, 0)
  const urls = JSON.parse(stdout).inflight.map((x: { url: string }) => x.url)
  assert.deepEqual(urls, ['/hold/report', '/next'])
})

test('top prints the table once where there is no terminal', async t => {
  const { shield } = await busyShield(t)
  const { status, stdout } = await run(['top', '--admin', shield.admin])
  assert.equal(status, 0)
  assert.match(stdout, /\/hold\/report/)
  assert.doesNotMatch(stdout, /\x1b/)
})

test('top on a terminal follows what happens, and leaves the terminal as it was', async t => {
  const { shield, held, holder, waiting } = await busyShield(t)
  const line = `stty cols 120 rows 30; '${process.execPath}' '${program}' top --admin ${shield.admin}; stty -a`
  const terminal = spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } })
  t.after(() => terminal.kill('SIGKILL'))
  const ended = new Promise(resolve => terminal.once('close', resolve))
  const seen = new Journal<string>('terminal', text => JSON.stringify(text))
  let all = ''
  terminal.stdout.on('data', (bytes: Buffer) => {
    all += bytes
    seen.push(String(bytes))
  })
  await seen.until(() => all.includes('/hold/report') && all.includes('/next'), 'both requests on the screen')
  held.answer()
  await holder.answer()
  await waiting.answer()
  await seen.until(() => all.includes('no worker has a request'), 'an idle worker on the screen')
  terminal.stdin.write('sq')
  await ended
  assert.ok(all.includes('\x1b[?1049h') && all.includes('\x1b[?1049l'), 'the screen of before comes back')
  assert.ok(all.lastIndexOf('\x1b[?25h') > all.lastIndexOf('\x1b[?25l'), 'the cursor is shown again')
  assert.match(all.slice(all.lastIndexOf('\x1b[?1049l')), /[^-]icanon.*[^-]echo\b/s, 'no longer raw')
})

test('what is wrong is said, with the way out', async t => {
  const other = createServer((_, response) => response.end('hello'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  for (const [args, expected, says] of [
    [
      ['status', '--admin', '127.0.0.1:1'],
      1,
      /^shieldproxy status: no answer .* at 127\.0\.0\.1:1 \(nobody listens there\); is shieldproxy running/,
    ],
    [['status', '--admin', 'unix:/nowhere/x.sock'], 1, /nobody listens there/],
    [['status', '--admin', `127.0.0.1:${port}`], 1, /is not a shieldproxy's admin listener/],
    [['status', '--admin', 'nonsense:port'], 2, /--admin 'nonsense:port': must /],
    [['status', '--jsno'], 2, /--jsno is not an option of this command; did you mean --json\?/],
    [['top', 'now'], 2, /'now' is one word too many/],
  ] as const) {
    const { status, stdout, stderr } = await run([...args])
    assert.deepEqual([status, stdout], [expected, ''], args.join(' '))
    assert.match(stderr, says)
  }
})

test('each command has a page of help', async () => {
  const { status, stdout } = await run(['top', '--help'])
  assert.equal(status, 0)
  assert.match(stdout, /^shieldproxy top: .*\n\n {2}--admin/)
})
