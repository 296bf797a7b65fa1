// The head that goes out with the connect, against real listeners: one that takes it, one that refuses, one whose
// backlog is full.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Spool } from '../../src/spool/spool.ts'
import type { BodyCoding } from '../../src/upstream/dialect.ts'
import { dialectOf } from '../../src/upstream/gateway-dialects.ts'
import { CHUNKED, OutgoingBody } from '../../src/upstream/outgoing-body.ts'
import { type Begun, HeadStart, OutgoingRequest } from '../../src/upstream/outgoing-request.ts'
import type { Endpoint } from '../../src/upstream/upstream.ts'
import { openSocket, type WorkerStream } from '../../src/upstream/worker-socket.ts'
import { MB, rig } from '../spool/rig.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { startNeverAccepting } from '../support/zoo.ts'

const HEAD = 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'

interface Opened {
  readonly socket: WorkerStream & Begun
  /** Node knows that the connection stands. */
  readonly connected: Promise<true>
  /** The code of its failure. */
  readonly failed: Promise<string>
}

/** Connects, and does what is to be done right after the connect: settles with what came of that. */
function after<T>(
  t: TestContext,
  endpoint: Endpoint,
  begun: (socket: WorkerStream & Begun, opened: Opened) => T,
): Promise<T> {
  const connected = Promise.withResolvers<true>()
  const failed = Promise.withResolvers<string>()
  return new Promise((resolve, reject) => {
    const owner = {
      begun: (socket: Begun) => {
        try {
          const opened = { socket: stream, connected: connected.promise, failed: failed.promise }
          assert.equal(socket, stream)
          resolve(begun(stream, opened))
        } catch (error) {
          reject(error)
        }
        return true
      },
      connected: () => connected.resolve(true),
      failed: ({ code, message }: NodeJS.ErrnoException) => failed.resolve(code ?? message),
      received: () => {},
      ended: () => {},
      closed: () => {},
      rescued: () => true,
    }
    const stream = openSocket(owner, endpoint) as WorkerStream & Begun
    t.after(() => void stream.destroy())
    stream.begin?.()
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
    const socket = await after(t, endpoint, (socket, { connected }) => {
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.equal(request.ahead, HEAD.length)
      request.send(socket)
      // Node knows of no connection yet.
      return Promise.race([connected, Promise.resolve(socket)])
    })
    assert.ok(socket !== true)
    socket.end()
    assert.equal(await whole, HEAD)
  })
}

/** A body of which `so far` has come, and the spool that the rest may come to. */
function bodySoFar(t: TestContext, soFar: string, coding: BodyCoding | null): [OutgoingBody, Spool] {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('request', null, true)
  t.after(() => spool.destroy())
  if (soFar !== '') spool.write(Buffer.from(soFar))
  return [
    new OutgoingBody(
      spool,
      coding,
      () => {},
      detail => assert.fail(detail),
    ),
    spool,
  ]
}

const STDIN = dialectOf('fastcgi', 'POST', { told() {}, caught: [] }).coding
const CODINGS = { 'as it is': null, 'in chunks': CHUNKED, 'in records': STDIN } as const

/** Pieces of a body, and its end, as they go over. */
function over(coding: BodyCoding | null, ...pieces: string[]): string {
  if (coding === null) return pieces.join('')
  return (
    pieces.map(each => coding.before(each.length) + each + coding.after(each.length)).join('') + coding.last
  )
}

for (const how of ['as it is', 'in chunks', 'in records'] as const) {
  test(`a little body goes along, ${how}`, async t => {
    const [endpoint, whole] = await listener(t, null)
    const [body, spool] = bodySoFar(t, 'name=value', CODINGS[how])
    spool.end()
    const request = new OutgoingRequest(HEAD, body)
    const socket = await after(t, endpoint, socket => {
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.equal(request.ahead, HEAD.length + over(CODINGS[how], 'name=value').length, 'in the same write')
      assert.ok(request.incomplete)
      request.send(socket)
      assert.ok(!request.incomplete)
      assert.equal(socket.bytesWritten, 0, 'nothing is left for the socket')
      return socket
    })
    socket.end()
    assert.equal(await whole, HEAD + over(CODINGS[how], 'name=value'))
  })

  test(`what has come of a body goes along, ${how}, and the rest when it comes`, async t => {
    const [endpoint, whole] = await listener(t, null)
    const [body, spool] = bodySoFar(t, 'name=', CODINGS[how])
    const request = new OutgoingRequest(HEAD, body)
    const socket = await after(t, endpoint, socket => {
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.ok(request.ahead > HEAD.length)
      request.send(socket)
      assert.ok(request.incomplete)
      return socket
    })
    spool.write(Buffer.from('value'))
    spool.end()
    while (request.incomplete) await new Promise(setImmediate)
    socket.end()
    assert.equal(await whole, HEAD + over(CODINGS[how], 'name=', 'value'))
  })

  test(`a body that is not little follows it, ${how}`, async t => {
    const [endpoint, whole] = await listener(t, null)
    const [body, spool] = bodySoFar(t, 'x'.repeat(20_000), CODINGS[how])
    spool.end()
    const request = new OutgoingRequest(HEAD, body)
    const socket = await after(t, endpoint, socket => {
      assert.ok(request.sendAhead(socket, new HeadStart()))
      assert.equal(request.ahead, HEAD.length)
      request.send(socket)
      return socket
    })
    while (request.incomplete) await new Promise(setImmediate)
    socket.end()
    assert.equal((await whole).replace(/[^x]/g, '').length, 20_000)
  })
}

test('before a body of which nothing has come the head waits for the connection, to go with what is here by then', async t => {
  const [endpoint, whole] = await listener(t, null)
  const [body, spool] = bodySoFar(t, '', null)
  const request = new OutgoingRequest(HEAD, body)
  const { socket, connected } = await after(t, endpoint, (socket, opened) => {
    assert.ok(!request.sendAhead(socket, new HeadStart()))
    return opened
  })
  await connected
  spool.write(Buffer.from('name='))
  spool.write(Buffer.from('value'))
  spool.end()
  request.send(socket)
  assert.equal(socket.bytesWritten, HEAD.length + 10)
  socket.end()
  assert.equal(await whole, `${HEAD}name=value`)
})

test('a connect that fails leaves the body for the next', async t => {
  const [endpoint, whole] = await listener(t, null)
  const [first, spool] = bodySoFar(t, 'name=value', null)
  spool.end()
  await after(t, { host: '127.0.0.1', port: await freePort() }, socket => {
    assert.ok(!new OutgoingRequest(HEAD, first).sendAhead(socket, new HeadStart()))
  })
  const second = new OutgoingBody(
    spool,
    null,
    () => {},
    detail => assert.fail(detail),
  )
  const request = new OutgoingRequest(HEAD, second)
  const socket = await after(t, endpoint, socket => {
    assert.ok(request.sendAhead(socket, new HeadStart()))
    request.send(socket)
    return socket
  })
  socket.end()
  assert.equal(await whole, `${HEAD}name=value`)
})

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
  const { failed } = await after(t, endpoint, (socket, opened) => {
    assert.ok(!new OutgoingRequest(HEAD, null).sendAhead(socket, start))
    return opened
  })
  assert.equal(await failed, 'ECONNREFUSED')
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
