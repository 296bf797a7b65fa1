// The app run by the proxy: real gunicorn after `--`, from a start that must not look alive too early to an end that
// leaves nothing behind.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { childrenOf, processRow } from '../../src/kernel/processes.ts'
import { patience } from '../support/journal.ts'
import { freePort } from '../support/ports.ts'
import { apps, gunicorn, runApp, startApp } from '../support/run-app.ts'
import { findProgram, without } from '../support/servers.ts'
import { runShield } from '../support/shield.ts'

const skip = existsSync('/proc/self/environ') ? without('gunicorn') : 'there is no /proc here'

test('the app listens on its own port, not on ours, and its words tell the slots and the timeout', {
  skip,
}, async t => {
  // No --bind: gunicorn takes $PORT, which has to be the upstream's.
  const { shield, port, said, processes } = await startApp(t, {
    command: () => gunicorn('-w', '2', '--threads', '2', '-t', '9'),
    env: { PORT: '1' },
  })
  assert.equal((await shield.get('/pid')).status, 200)
  const status = await shield.status()
  assert.equal(status.upstreams[0].slots ?? status.upstreams[0].limit, 4, JSON.stringify(status.upstreams))
  assert.equal(
    said(/Listening at: http:\/\/(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)/).length,
    1,
    said(/./).join('\n'),
  )
  assert.match(
    said(/Listening at/)[0]!,
    new RegExp(`^\\[.*\\] \\[\\d+\\] \\[INFO\\] Listening at: .*:${port} `),
  )
  assert.equal(await shield.stop(), 0)
  assert.deepEqual(processes(), [])
})

test('TERM drains before the app is told, and reaches it past a shell', { skip }, async t => {
  const { shield, gate, said, processes } = await startApp(t, {
    command: port => ['sh', '-c', `cd ${apps} && gunicorn -w 1 -b 127.0.0.1:${port} app:app`],
  })
  const client = (await shield.connect()).request('GET', '/hold?key=a')
  const inside = await gate.entered('a')
  shield.signal('SIGTERM')
  await shield.logLine(({ msg }) => msg === 'drain', 'the drain')
  assert.deepEqual(said(/Handling signal/), [])
  inside.release()
  assert.equal((await client.answer()).status, 200)
  assert.equal(await shield.exited, 0)
  assert.equal(said(/Handling signal: term/).length, 1)
  assert.equal(said(/Shutting down: Master/).length, 1)
  assert.deepEqual(processes(), [])
})

test('a deploy that is broken never looks alive, and ends with its status', { skip }, async t => {
  const { shield, said, processes } = await runApp(t, {
    command: port => ['gunicorn', '--chdir', apps, '-b', `127.0.0.1:${port}`, 'broken:app'],
  })
  assert.equal(await shield.exited, 3)
  assert.deepEqual(shield.lines('listening'), [])
  assert.equal(said(/RuntimeError: this deploy is broken/).length, 1)
  assert.match(
    said(/^shieldproxy: /)[0]!,
    /the app was not ready: it ended with status 3; nothing was served/,
  )
  assert.deepEqual(processes(), [])
})

test('an app that does not listen in time is ended, with status 1', { skip }, async t => {
  const { shield, said, processes } = await runApp(t, {
    command: () => ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
    args: ['--start-timeout', '250ms'],
  })
  assert.equal(await shield.exited, 1)
  assert.deepEqual(shield.lines('listening'), [])
  assert.match(said(/^shieldproxy: /)[0]!, /the app was not ready: it was not ready within 0\.25 s/)
  assert.deepEqual(processes(), [])
})

test('a command that is not there is said so, with a shell’s status', async t => {
  const { shield, said } = await runApp(t, { command: () => ['no-such-program'] })
  assert.equal(await shield.exited, 127)
  assert.match(said(/^shieldproxy: /)[0]!, /no-such-program could not be started/)
})

test('a signal while the app starts ends both', { skip }, async t => {
  const { shield, processes } = await runApp(t, {
    command: () => ['sh', '-c', 'echo begun; exec sleep 1000'],
  })
  await shield.logLine(({ text }) => text === 'begun', 'the app to begin')
  shield.signal('SIGTERM')
  assert.equal(await shield.exited, 143)
  assert.deepEqual(processes(), [])
})

test('an app that dies is started again, and requests are held meanwhile', { skip }, async t => {
  const { shield, said, processes } = await startApp(t, {
    command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`),
  })
  const [master] = said(/Listening at/).map(text => Number(/\[(\d+)\]/.exec(text)?.[1]))
  process.kill(master!, 'SIGKILL')
  const ended = await shield.logLine(({ msg }) => msg === 'app ended', 'its end')
  assert.deepEqual([ended.detail, ended.status, ended.restart_in_ms], ['SIGKILL ended it', 137, 250])
  assert.equal((await shield.get('/pid')).status, 200)
  assert.equal(await shield.stop(), 0)
  assert.deepEqual(processes(), [])
})

test('with --restart never the end of the app is ours', { skip }, async t => {
  const { shield, said, processes } = await startApp(t, {
    command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`),
    args: ['--restart', 'never'],
  })
  const [master] = said(/Listening at/).map(text => Number(/\[(\d+)\]/.exec(text)?.[1]))
  process.kill(master!, 'SIGKILL')
  assert.equal(await shield.exited, 137)
  assert.equal(shield.lines('drain')[0]?.reason, 'the app ended')
  assert.deepEqual(processes(), [])
})

for (const cores of ['1', '2']) {
  test(`a request that hangs is joined to its worker’s process and to the server’s own words (--cores ${cores})`, {
    skip,
  }, async t => {
    const { shield, gate, said } = await startApp(t, {
      command: port => gunicorn('-w', '2', '-t', '4', '-b', `127.0.0.1:${port}`),
      args: ['--cores', cores],
    })
    const client = (await shield.connect()).request('GET', '/hang?key=a')
    const { pid } = await gate.entered('hang a')
    await shield.until(({ inflight }) => inflight[0]?.pid === pid, `process ${pid} in flight`)
    assert.equal((await client.answer()).status, 502)
    const lost = await shield.logLine(({ msg }) => msg === 'worker lost', 'the certificate')
    assert.deepEqual([lost.cause, lost.pid, lost.url], ['timeout', pid, '/hang'])
    assert.ok(
      lost.evidence.includes(`the server said: WORKER TIMEOUT (pid:${pid})`),
      lost.evidence.join('; '),
    )
    assert.equal(said(/WORKER TIMEOUT/).length, 1, 'its own lines stay as they are')
  })
}

test('a worker that is killed is told with what its master saw', { skip }, async t => {
  const { shield } = await startApp(t, {
    command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`),
  })
  const client = await shield.connect()
  client.send('POST /die?key=d HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  assert.equal((await client.answer()).status, 502)
  const lost = await shield.logLine(({ msg }) => msg === 'worker lost', 'the certificate')
  assert.equal(lost.cause, 'killed')
  assert.ok(
    lost.evidence.includes(`the server saw SIGKILL end its worker ${lost.pid}`),
    lost.evidence.join('; '),
  )
})

test('the slots follow the worker processes', { skip }, async t => {
  const { shield, said } = await startApp(t, {
    command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`),
  })
  const slots = (number: number) =>
    shield.until(({ upstreams }) => upstreams[0].slots === number, `${number} slots`)
  await slots(1)
  const [master] = said(/Listening at/).map(text => Number(/\[(\d+)\]/.exec(text)?.[1]))
  process.kill(master!, 'SIGTTIN')
  assert.equal((await slots(2)).upstreams[0].slots_from, 'the app’s worker processes')
  process.kill(master!, 'SIGTTOU')
  await slots(1)
})

test('HUP and USR2 reach the master alone; who takes its place is followed', { skip }, async t => {
  const { shield, said, processes } = await startApp(t, {
    command: port => ['sh', '-c', `cd ${apps}; gunicorn -w 1 -b 127.0.0.1:${port} app:app`],
  })
  const said2 = (pattern: RegExp, times: number) =>
    shield.log.until(() => said(pattern).length >= times, `${times} times ${pattern}`)
  const before = (await shield.get('/pid')).body.toString()
  shield.signal('SIGHUP')
  await said2(/Handling signal: hup/, 1)
  await said2(new RegExp(`Worker exiting \\(pid: ${before}\\)`), 1)
  assert.equal((await shield.get('/pid')).status, 200)
  // At HUP a worker would have ended at once, and so it would at USR2.
  assert.deepEqual(said(/due to signal 1$|SIGHUP/), [])

  shield.signal('SIGUSR2')
  await said2(/Handling signal: usr2/, 1)
  await said2(/Booting worker/, 3)
  const [old] = said(/Listening at/).map(text => Number(/\[(\d+)\]/.exec(text)?.[1]))
  process.kill(old!, 'SIGTERM')
  const replaced = await shield.logLine(({ msg }) => msg === 'app replaced', 'its successor')
  assert.notEqual(replaced.pid, old)
  assert.equal((await shield.get('/pid')).status, 200)
  assert.equal(await shield.stop(), 0)
  assert.equal(said(/Shutting down: Master/).length, 2)
  assert.deepEqual(said(/due to signal 12$|SIGUSR2/), [])
  assert.deepEqual(processes(), [])
})

test('one drain timeout is for both: what hangs past it is killed', { skip }, async t => {
  const { shield, gate, processes } = await startApp(t, {
    command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`),
    args: ['--drain-timeout', '1s'],
  })
  const client = (await shield.connect()).request('GET', '/hold?key=a')
  const inside = await gate.entered('a')
  shield.signal('SIGTERM')
  assert.equal((await client.answer()).status, 503)
  assert.notEqual(await shield.exited, 0)
  await inside.left
  assert.deepEqual(processes(), [])
})

test('an address that somebody has is not taken for the app', { skip }, async t => {
  const first = await startApp(t, { command: port => gunicorn('-w', '1', '-b', `127.0.0.1:${port}`) })
  const second = await runApp(t, {
    command: () => ['sleep', '1000'],
    args: ['--upstream', `127.0.0.1:${first.port}`],
  })
  assert.equal(await second.shield.exited, 1)
  assert.match(second.said(/^shieldproxy: /)[0]!, /somebody else listens at/)
})

const asRoot = process.getuid?.() === 0 && findProgram('unshare') !== null
test('as process 1 it leaves no zombies, hands signals on, and keeps the status', {
  skip: asRoot ? skip : 'needs root and unshare',
}, async t => {
  // Each orphan's parent ends before it does, so that process 1 has to ask for its end.
  const orphans = 'for n in 1 2 3; do sh -c "sleep 0.01 &"; done'
  const app = 'trap "echo stopped; exit 7" TERM; while :; do read x </proc/uptime; sleep 0.05; done'
  const port = await freePort()
  const command = `${orphans}; python3 -m http.server --bind 127.0.0.1 ${port} >/dev/null 2>&1 & ${app}`
  const args = ['--upstream', `:${port}`, '--listen', '127.0.0.1:0', '--admin', 'off', '--log-format', 'json']
  const shield = runShield(t, [...args, '--drain-timeout', '5s', '--', 'sh', '-c', command], {}, [
    ...['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
  ])
  await shield.logLine(({ msg }) => msg === 'app ready', 'the app to be ready')
  const inside = descendants(shield.pid)
  const states = () => inside().map(pid => processRow(pid)?.state)
  assert.match(readFileSync(`/proc/${inside()[0]}/cmdline`, 'latin1'), /^sh\0-c\0/)
  const giveUp = performance.now() + patience
  // Looked at once each time: the shell's own `sleep` is a zombie too, until the shell asks for it a moment later.
  let seen = states()
  for (; seen.includes('Z') && performance.now() < giveUp; seen = states()) {
    await new Promise(go => setTimeout(go, 20))
  }
  assert.ok(!seen.includes('Z'), seen.join(' '))
  process.kill(inside()[0]!, 'SIGTERM')
  await shield.logLine(({ text }) => text === 'stopped', 'the app to hear of it')
  assert.equal(await shield.exited, 7)
})

/** All processes below one, the eldest first. */
function descendants(root: number): () => number[] {
  return () => {
    const found = [root]
    for (const pid of found) found.push(...(childrenOf(pid) ?? []))
    return found.slice(1)
  }
}
