// Signals and what they do to a running server, in every order that matters.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { live } from '../../src/cli/lifetime.ts'
import type { Server } from '../../src/cli/parts.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { FakeIo, FakeServer } from './fakes.ts'

const good = () => resolveConfig({ flags: { upstream: ':8000' }, env: {} })

function begin(t: TestContext, options: { start?: () => Promise<Server>; reread?: typeof good } = {}) {
  const io = new FakeIo()
  const server = new FakeServer()
  const clock = { ms: 0 }
  const started = Promise.withResolvers<void>()
  const start = async () => {
    const running = await (options.start?.() ?? server)
    started.resolve()
    return running
  }
  const status = live({ start, reread: options.reread ?? good, signals: io.signals, now: () => clock.ms })
  t.after(() => assert.equal(io.handlers, 0, 'the handlers must be taken away'))
  // Two turns: the start's own promise, and the one that takes note of the server.
  const running = started.promise.then(() => new Promise(resolve => setImmediate(resolve)))
  return { io, server, clock, status, running }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
  for (const clean of [true, false]) {
    test(`${signal} drains; the status says whether it was clean (${clean})`, async t => {
      const { io, server, status, running } = begin(t)
      await running
      io.send(signal)
      assert.deepEqual(server.calls, [`drain ${signal}`])
      server.drained.resolve({ clean })
      assert.equal(await status, clean ? 0 : 1)
    })
  }
}

test('a second signal ends at once', async t => {
  const { io, server, status, running } = begin(t)
  await running
  io.send('SIGTERM')
  io.send('SIGTERM')
  assert.equal(await status, 1)
  assert.deepEqual(server.calls, ['drain SIGTERM', 'stopNow'])
})

test('an interrupt that npm repeats is one; a later one ends at once', async t => {
  const { io, server, clock, status, running } = begin(t)
  await running
  io.send('SIGINT')
  clock.ms = 5
  io.send('SIGINT')
  assert.deepEqual(server.calls, ['drain SIGINT'])
  clock.ms = 1000
  io.send('SIGINT')
  assert.equal(await status, 1)
})

test('a drain that fails is a failure, told in the log', async t => {
  const { io, server, status, running } = begin(t)
  await running
  io.send('SIGTERM')
  server.drained.reject(new Error('no'))
  assert.equal(await status, 1)
  assert.equal(server.errors[0]?.message, 'the drain failed')
})

test('a signal while starting drains as soon as there is something to drain', async t => {
  const gate = Promise.withResolvers<void>()
  const late = new FakeServer()
  const { io, status } = begin(t, { start: () => gate.promise.then(() => late) })
  io.send('SIGTERM')
  gate.resolve()
  await late.called('drain SIGTERM')
  late.drained.resolve({ clean: true })
  assert.equal(await status, 0)
})

test('two signals while starting end at once, even if the start is stuck', async t => {
  const { io, status } = begin(t, { start: () => new Promise(() => {}) })
  io.send('SIGTERM')
  io.send('SIGTERM')
  assert.equal(await status, 1)
})

test('a start that fails is thrown to the caller', async t => {
  const { status } = begin(t, { start: () => Promise.reject(new Error('port taken')) })
  await assert.rejects(status, { message: 'port taken' })
})

test('HUP reloads; those that come meanwhile make one more, after it', async t => {
  const { io, server, status, running } = begin(t)
  await running
  io.send('SIGHUP')
  io.send('SIGHUP')
  io.send('SIGHUP')
  assert.deepEqual(server.calls, ['reload 1'])
  server.reloads[0]?.done.resolve()
  await server.called('reload 2')
  server.reloads[1]?.done.resolve()
  io.send('SIGTERM')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
  assert.equal(server.reloads.length, 2)
})

test('settings that are wrong are not loaded, and a later reload works', async t => {
  let wrong = true
  const reread = () => (wrong ? resolveConfig({ flags: { upstream: ':x' }, env: {} }) : good())
  const { io, server, status, running } = begin(t, { reread })
  await running
  io.send('SIGHUP')
  await server.called('error: reload refused; the settings in force stay')
  assert.match(JSON.stringify(server.errors[0]?.fields), /--upstream ':x': must have a port/)
  assert.equal(server.reloads.length, 0)
  wrong = false
  // The refused reload ends in a later turn; a signal within it must not be lost either.
  io.send('SIGHUP')
  await server.called('reload 1')
  server.reloads[0]?.done.reject(new Error('listener gone'))
  await server.called('error: reload failed; the settings in force stay')
  io.send('SIGTERM')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
})

test('HUP while draining does nothing', async t => {
  const { io, server, status, running } = begin(t)
  await running
  io.send('SIGTERM')
  io.send('SIGHUP')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
  assert.equal(server.reloads.length, 0)
})

test('HUP while starting is kept', async t => {
  const gate = Promise.withResolvers<void>()
  const late = new FakeServer()
  const { io, status } = begin(t, { start: () => gate.promise.then(() => late) })
  io.send('SIGHUP')
  gate.resolve()
  await late.called('reload 1')
  late.reloads[0]?.done.resolve()
  io.send('SIGTERM')
  late.drained.resolve({ clean: true })
  assert.equal(await status, 0)
})

test('USR1 reopens the logs, and a failure there stops nothing', async t => {
  const { io, server, status, running } = begin(t)
  await running
  io.send('SIGUSR1')
  assert.deepEqual(server.calls, ['reopenLogs'])
  server.reopenLogs = () => {
    throw new Error('no')
  }
  io.send('SIGUSR1')
  assert.match(server.errors[0]?.message ?? '', /could not be reopened/)
  io.send('SIGTERM')
  server.drained.resolve({ clean: true })
  assert.equal(await status, 0)
})
