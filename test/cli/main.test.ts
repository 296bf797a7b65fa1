// The whole command line with stand-ins for the server and the demo: what is printed where, and the status.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { main } from '../../src/cli/main.ts'
import { FakeApp, FakeDemo, FakeIo, FakeServer, fakeParts } from './fakes.ts'

test('a clean life: started with the settings, drained, flushed, 0', async () => {
  const [io, server] = [new FakeIo(), new FakeServer()]
  const { parts, started } = fakeParts(server)
  const status = main(['--upstream', ':8000', '-w4'], {}, io, parts)
  const config = await started
  assert.deepEqual([config.workers, config.logFormat], [4, 'json'])
  io.send('SIGTERM')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
  assert.deepEqual(server.calls, ['drain SIGTERM', 'flush'])
  assert.equal(io.stdout.text + io.stderr.text, '')
})

test('all problems are printed at once, nothing is started, 2', async () => {
  const [io, server] = [new FakeIo(), new FakeServer()]
  const { parts } = fakeParts(server)
  let startedServer = false
  const startServer = async () => {
    startedServer = true
    return server
  }
  const never = { ...parts, startServer }
  assert.equal(await main([':8000', '--wrokers', '4'], { SHIELDPROXY_HOLD: 'x' }, io, never), 2)
  assert.equal(startedServer, false)
  assert.equal(io.stdout.text, '')
  assert.equal(
    io.stderr.text,
    `shieldproxy: 4 problems with the configuration; nothing was started

  argument ':8000': belongs to no option; if this is where your app listens, write --upstream :8000
  --wrokers '4': is not an option; did you mean --workers?
  $SHIELDPROXY_HOLD 'x': must be a time such as 250ms, 30s, 2m or 1h (a bare number is seconds)
  --upstream: must say where your app listens, as in shieldproxy --upstream :8000; to see the shield at work without an app: shieldproxy --demo

shieldproxy --help shows the options.
`,
  )
})

test('a word that is nearly a command is told which', async () => {
  const io = new FakeIo()
  const { parts } = fakeParts(new FakeServer())
  assert.equal(await main(['statsu'], {}, io, parts), 2)
  assert.match(io.stderr.text, /\n {2}argument 'statsu': is no command; did you mean shieldproxy status\?\n/)
})

test('a server that cannot start says why, 1', async () => {
  const io = new FakeIo()
  const { parts } = fakeParts(new FakeServer())
  const failing = { ...parts, startServer: () => Promise.reject(new Error('port 8080 is taken')) }
  assert.equal(await main(['-u', ':8000'], {}, io, failing), 1)
  assert.equal(io.stderr.text, 'shieldproxy: port 8080 is taken\n')
})

for (const terminal of [true, false]) {
  test(`the demo is the upstream, is described ${terminal ? 'on the terminal' : 'beside the log'}, and is stopped`, async () => {
    const [io, server, demo] = [new FakeIo(terminal), new FakeServer(), new FakeDemo()]
    const { parts, started } = fakeParts(server, demo)
    const status = main(['--demo'], { WEB_CONCURRENCY: '9' }, io, parts)
    const config = await started
    assert.deepEqual([config.upstreams, config.workers, config.workersFrom], [demo.upstreams, 1, '--demo'])
    io.send('SIGHUP')
    await server.called('reload 1')
    assert.deepEqual(server.reloads[0]?.config.upstreams, demo.upstreams)
    server.reloads[0]?.done.resolve()
    io.send('SIGTERM')
    server.drained.resolve({ clean: true })
    assert.equal(await status, 0)
    assert.equal(demo.stopped, 1)
    assert.equal((terminal ? io.stdout : io.stderr).text, 'try this\n')
    assert.equal((terminal ? io.stderr : io.stdout).text, '')
  })
}

test('the demo is stopped when the server cannot start', async () => {
  const [io, demo] = [new FakeIo(), new FakeDemo()]
  const { parts } = fakeParts(new FakeServer(), demo)
  const failing = { ...parts, startServer: () => Promise.reject(new Error('no')) }
  assert.equal(await main(['--demo'], {}, io, failing), 1)
  assert.equal(demo.stopped, 1)
})

test('a reader of the output that has gone away ends nothing', async () => {
  const [io, server] = [new FakeIo(), new FakeServer()]
  const { parts, started } = fakeParts(server)
  const status = main(['-u', ':8000'], {}, io, parts)
  await started
  for (const stream of [io.stdout, io.stderr])
    stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  io.send('SIGTERM')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
})

const withApp = ['-u', ':8000', '--', 'gunicorn', 'app:app']

test('the server is started when the app is ready; after a drain the status is the app’s', async () => {
  const [io, server, app] = [new FakeIo(), new FakeServer(), new FakeApp()]
  const { parts, started } = fakeParts(server, new FakeDemo(), app)
  const status = main(withApp, {}, io, parts)
  const early = new Promise(resolve => setImmediate(() => resolve('waits')))
  assert.equal(await Promise.race([started, early]), 'waits')
  app.isReady.resolve()
  assert.deepEqual((await started).command, ['gunicorn', 'app:app'])
  await app.ready
  await new Promise(resolve => setImmediate(resolve))
  io.send('SIGHUP')
  io.send('SIGUSR2')
  io.send('SIGTERM')
  assert.deepEqual(app.calls, ['attach', 'SIGHUP', 'SIGUSR2', 'stop'])
  server.reloads[0]?.done.resolve()
  server.drained.resolve({ clean: true })
  app.hasEnded.resolve({ status: 5, words: '' })
  assert.equal(await status, 5)
  assert.equal(app.calls[4], 'drained')
})

test('an app that ends before it is ready: nothing is served, and its status is ours', async () => {
  for (const [given, expected] of [
    [3, 3],
    [0, 1],
  ] as const) {
    const [io, app] = [new FakeIo(), new FakeApp()]
    const { parts } = fakeParts(new FakeServer(), new FakeDemo(), app)
    const startServer = () => Promise.reject(new Error('no server is expected'))
    const status = main(withApp, {}, io, { ...parts, startServer })
    app.hasEnded.resolve({ status: given, words: `it ended with status ${given}` })
    assert.equal(await status, expected)
    assert.equal(
      io.stderr.text,
      `shieldproxy: the app was not ready: it ended with status ${given}; nothing was served\n`,
    )
  }
})

test('an app that ends for good takes the server along; cut requests turn a 0 into 1', async () => {
  const [io, server, app] = [new FakeIo(), new FakeServer(), new FakeApp()]
  const { parts, started } = fakeParts(server, new FakeDemo(), app)
  const status = main(withApp, {}, io, parts)
  app.isReady.resolve()
  await started
  app.hasEnded.resolve({ status: 0, words: 'it ended with status 0' })
  await server.called('drain the app ended')
  server.drained.resolve({ clean: false })
  assert.equal(await status, 1)
})

test('a signal while the app starts ends it; two kill it', async () => {
  const [io, app] = [new FakeIo(), new FakeApp()]
  const { parts } = fakeParts(new FakeServer(), new FakeDemo(), app)
  const status = main(withApp, {}, io, parts)
  await new Promise(resolve => setImmediate(resolve))
  io.send('SIGTERM')
  assert.deepEqual(app.calls, ['stop'])
  io.send('SIGTERM')
  assert.ok(app.calls.includes('kill'))
  app.hasEnded.resolve({ status: 137, words: 'SIGKILL ended it' })
  assert.equal(await status, 1)
})

test('the app does not outlive a server that cannot start', async () => {
  const [io, app] = [new FakeIo(), new FakeApp()]
  const { parts } = fakeParts(new FakeServer(), new FakeDemo(), app)
  const startServer = () => Promise.reject(new Error('port 8080 is taken'))
  const status = main(withApp, {}, io, { ...parts, startServer })
  app.isReady.resolve()
  app.hasEnded.resolve({ status: 0, words: '' })
  assert.equal(await status, 1)
  assert.ok(app.calls.includes('stop'), String(app.calls))
})
