// What the doctor sees of a running app by one whole request: whether it answers, and how its connection ends.

import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { judgeApp, lookAtApp } from '../../../../src/cli/commands/doctor/app-check.ts'
import type { Address } from '../../../../src/config/config.ts'
import { startGunicorn } from '../../../support/gunicorn.ts'
import { without } from '../../../support/servers.ts'

const OK = 'HTTP/1.1 200 OK\r\nServer: test\r\nContent-Length: 2\r\n\r\nok'

/** An app of which each connection, with its whole request there, is handled by `answer`. */
async function app(t: TestContext, answer: (socket: Socket) => void): Promise<Address> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { kind: 'tcp', host: '127.0.0.1', port }
}

async function findings(address: Address): Promise<string[]> {
  return judgeApp(await lookAtApp(address, '/health', 'app.test'), address, '/health').map(x => x.finding)
}

test('an app that answers and closes has nothing to mend', async t => {
  assert.deepEqual(await findings(await app(t, socket => socket.end(OK))), [])
})

test('a worker that lingers after its answer is told', async t => {
  const address = await app(t, socket => socket.write(OK))
  assert.match((await findings(address)).join(), /^a worker waits for its peer to close/)
})

test('an app that nobody runs is told', async t => {
  const address = await app(t, socket => socket.end())
  assert.deepEqual(await findings(address), ['the app does not answer'])
  assert.deepEqual(await findings({ kind: 'unix', path: '/nowhere/app.sock' }), ['the app does not answer'])
})

test('a failing health check and another protocol are told', async t => {
  const failing = await app(t, socket => socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'))
  assert.match((await findings(failing)).join(), /^the health-check path fails/)
  const other = await app(t, socket => socket.end('SSH-2.0-x\r\n\r\n'))
  assert.match((await findings(other)).join(), /^what answers is not an HTTP\/1\.1 server/)
})

test('gunicorn’s sync workers have nothing to mend', { skip: without('gunicorn') }, async t => {
  const gunicorn = await startGunicorn(t, { workers: 1 })
  const [host = '', port] = gunicorn.address.split(':')
  assert.deepEqual(await findings({ kind: 'tcp', host, port: Number(port) }), [])
})
