// The head that goes out with the connect, against real listeners: one that takes it, one that refuses, one whose
// backlog is full.

import assert from 'node:assert/strict'
import { createServer, Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { CHUNKED, OutgoingBody } from '../../src/upstream/outgoing-body.ts'
import { HeadStart, OutgoingRequest } from '../../src/upstream/outgoing-request.ts'
import type { Endpoint } from '../../src/upstream/upstream.ts'
import { MB, rig } from '../spool/rig.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { startNeverAccepting } from '../support/zoo.ts'

const HEAD = 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'

/** Connects, and does what is to be done right after the connect: settles with what came of that. */
function after<T>(t: TestContext, endpoint: Endpoint, begun: (socket: Socket) => T): Promise<T> {
  const socket = new Socket({ allowHalfOpen: true })
  t.after(() => void socket.destroy())
  socket.on('error', () => {})
  socket.connect(endpoint)
  return new Promise((resolve, reject) => {
    process.nextTick(() => {
      try {
        resolve(begun(socket))
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** A listener, and what the first connection to it brought. */
async function listener(t: TestContext, where: Endpoint | null): Promise<[Endpoint, Promise<string>]> {
  const server = createServer({ allowHalfOpen: true })
  t.after(() => void server.close())
  const whole = new Promise<string>((resolve, reject) => {
    server.once('connection', socket => {
      const pieces: Buffer[] = []
      t.after(() => void socket.destroy())
      socket.on('error', reject)
      socket.on('data', (piece: Buffer) => pieces.push(piece))
      socket.on('end', () => resolve(Buffer.concat(pieces).toString('latin1')))
    })
  })
  await new Promise<void>(resolve => server.listen(where ?? { host: '127.0.0.1', port: 0 }, resolve))
  if (where !== null) return [where, whole]
  return [{ host: '127.0.0.1', port: (server.address() as { port: number }).port }, whole]
}

for (const kind of ['TCP', 'a Unix socket'] as const) {
  test(`goes out with the connect over ${kind}, and once only`, async t => {
    const path = kind === 'TCP' ? null : { path: `${temporaryFolder(t)}/app.sock` }
    const [endpoint, whole] = await listener(t, path)
    const request = new OutgoingRequest(HEAD, null)
    const socket = await after(t, endpoint, socket => {
      assert.ok(socket.connecting, 'Node knows of no connection yet')
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.equal(request.ahead, HEAD.length)
      request.send(socket)
      return socket
    })
    socket.end()
    assert.equal(await whole, HEAD)
  })
}

for (const chunked of [false, true]) {
  test(`a body follows it, ${chunked ? 'in chunks' : 'as it is'}`, async t => {
    const [endpoint, whole] = await listener(t, null)
    const { store } = rig(t, { memory: MB, disk: 0 })
    const spool = store.spool('request', null, true)
    t.after(() => spool.destroy())
    spool.write(Buffer.from('name=value'))
    spool.end()
    const body = new OutgoingBody(
      spool,
      chunked ? CHUNKED : null,
      () => {},
      detail => assert.fail(detail),
    )
    const request = new OutgoingRequest(HEAD, body)
    const socket = await after(t, endpoint, socket => {
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.ok(request.incomplete)
      request.send(socket)
      assert.ok(!request.incomplete)
      return socket
    })
    socket.end()
    assert.equal(await whole, HEAD + (chunked ? 'a\r\nname=value\r\n0\r\n\r\n' : 'name=value'))
  })
}

test('what the connection did not take at once follows', async t => {
  const [endpoint, whole] = await listener(t, null)
  const head = `GET / HTTP/1.1\r\nX: ${'\xe9'.repeat(16 << 20)}\r\n\r\n`
  const request = new OutgoingRequest(head, null)
  const socket = await after(t, endpoint, socket => {
    assert.ok(request.sendAhead(socket, new HeadStart()))
    assert.ok(request.ahead < head.length, 'so much fits into no send buffer')
    request.send(socket)
    return socket
  })
  socket.end()
  const received = await whole
  assert.equal(received.length, head.length)
  assert.ok(received === head, 'each byte once, in its order')
})

test('a connect that was refused fails the socket as Node would have: the kernel tells of it once', async t => {
  const endpoint = { host: '127.0.0.1', port: await freePort() }
  const start = new HeadStart()
  const code = await after(t, endpoint, socket => {
    const failed = new Promise<string>(resolve =>
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)),
    )
    assert.ok(!new OutgoingRequest(HEAD, null).sendAhead(socket, start))
    return failed
  })
  assert.equal(await code, 'ECONNREFUSED')
  assert.ok(start.isDue(), 'on the same machine it is, all the same')
})

test('where connections do not stand at once it is left for the next thousand', async t => {
  const port = Number((await startNeverAccepting(t)).split(':')[1])
  const start = new HeadStart()
  await after(t, { host: '127.0.0.1', port }, socket => {
    assert.ok(!new OutgoingRequest(HEAD, null).sendAhead(socket, start))
    assert.ok(!socket.destroyed, 'it may stand later')
  })
  let passedBy = 0
  while (!start.isDue()) passedBy++
  assert.equal(passedBy, 1000)
})
