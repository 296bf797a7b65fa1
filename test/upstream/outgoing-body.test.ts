import assert from 'node:assert/strict'
import { createServer, Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { BodyDecoder } from '../../src/http1/body-decoder.ts'
import { SpoolReader } from '../../src/spool/reader.ts'
import { CHUNKED, OutgoingBody } from '../../src/upstream/outgoing-body.ts'
import { check, KB, MB, piece, rig, settled, until } from '../spool/rig.ts'

const HEAD = 'POST / HTTP/1.1\r\n\r\n'

/** Our end of a connection, and what the other end has read of it. */
async function pair(t: TestContext): Promise<{ near: Socket; far: Socket; received: () => Buffer }> {
  const pieces: Buffer[] = []
  const near = new Socket({ allowHalfOpen: true })
  const accepted = new Promise<Socket>(resolve => {
    const server = createServer(socket => {
      server.close()
      resolve(socket)
    })
    server.listen(0, '127.0.0.1', () => {
      near.connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1' })
    })
  })
  near.on('error', () => {})
  t.after(() => void near.destroy())
  const far = await accepted
  t.after(() => void far.destroy())
  far.on('error', () => {})
  far.on('data', (bytes: Buffer) => pieces.push(bytes))
  if (near.connecting) await new Promise(resolve => near.once('connect', resolve))
  return { near, far, received: () => Buffer.concat(pieces) }
}

/** The body behind the head, in the chunked coding or as it is; and whether it has ended. */
function bodyOf(received: Buffer, chunked: boolean): { body: Buffer; ended: boolean } {
  assert.equal(received.toString('latin1', 0, HEAD.length), HEAD)
  const rest = received.subarray(HEAD.length)
  if (!chunked) return { body: rest, ended: true }
  const pieces: Buffer[] = []
  const decoder = new BodyDecoder({ kind: 'chunked' }, { data: bytes => void pieces.push(bytes), end() {} })
  decoder.push(rest, 0, rest.length)
  return { body: Buffer.concat(pieces), ended: decoder.done }
}

for (const [name, total, memory, disk] of [
  ['nothing', 0, 64 * MB, 0],
  ['a little', 100, 64 * MB, 0],
  ['more than one write', 40 * KB, 64 * MB, 0],
  ['much, in memory', 6 * MB, 64 * MB, 0],
  ['much, from the disk', 6 * MB, 64 * KB, 64 * MB],
] as const) {
  for (const chunked of [false, true]) {
    test(`${name} is sent after the head, ${chunked ? 'in chunks' : 'as it is'}`, {
      timeout: 30_000,
    }, async t => {
      const waits: string[] = []
      const { store } = rig(t, { memory, disk })
      const { near, received } = await pair(t)
      const spool = store.spool('request', null, true)
      let room = true
      spool.onRoom = () => (room = true)
      while (spool.size < total) {
        room = spool.write(piece(spool.size, Math.min(64 * KB, total - spool.size)))
        if (!room) await until(() => room)
      }
      spool.end()
      const body = new OutgoingBody(
        spool,
        chunked ? CHUNKED : null,
        whom => waits.push(whom),
        detail => assert.fail(detail),
      )
      assert.equal(body.sent, false)
      body.send(near, HEAD)
      await until(() => body.sent)
      await until(() => received().length >= near.bytesWritten && near.writableLength === 0)
      const found = bodyOf(received(), chunked)
      assert.deepEqual([found.body.length, found.ended], [total, true])
      check(found.body, 0)
      assert.equal(near.writableEnded, false, 'no FIN')
      assert.equal(waits.at(-1), 'worker', 'the worker is to answer')
      // It can be read again: a second worker may need it.
      spool.reader().close()
      spool.destroy()
      await settled(store)
    })
  }
}

test('a small body goes with its head in one write', async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: MB, disk: 0 })
  const { near } = await pair(t)
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 100))
  spool.end()
  const writes = t.mock.method(near, 'write')
  new OutgoingBody(
    spool,
    null,
    whom => waits.push(whom),
    () => {},
  ).send(near, HEAD)
  assert.equal(writes.mock.callCount(), 1)
  spool.destroy()
})

test('a body that is still coming is sent as it comes', async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const { near, received } = await pair(t)
  const spool = store.spool('request', null, false)
  const body = new OutgoingBody(
    spool,
    CHUNKED,
    whom => waits.push(whom),
    detail => assert.fail(detail),
  )
  body.send(near, HEAD)
  await until(() => received().length === HEAD.length)
  for (const size of [1, 1000, 100 * KB]) {
    const before = spool.size
    spool.write(piece(before, size))
    await until(() => received().length > before && bodyOf(received(), true).body.length === before + size)
  }
  assert.deepEqual([body.sent, bodyOf(received(), true).ended], [false, false])
  assert.equal(waits.at(-1), 'bytes', 'the client is to send more')
  spool.end()
  await until(() => bodyOf(received(), true).ended)
  assert.equal(body.sent, true)
  check(bodyOf(received(), true).body, 0)
  spool.destroy()
})

test('what comes in one piece goes on as one chunk, and the end of the body with it', async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const { near, far } = await pair(t)
  const packets: string[] = []
  far.on('data', (bytes: Buffer) => packets.push(bytes.toString()))
  const spool = store.spool('request', null, false)
  const body = new OutgoingBody(
    spool,
    CHUNKED,
    () => {},
    detail => assert.fail(detail),
  )
  const write = (...words: string[]) => {
    for (const word of words) spool.write(Buffer.from(word))
  }
  write('01234', 'many')
  body.send(near, HEAD)
  await until(() => packets.length === 1)
  write('5678', '9', 'many')
  spool.end()
  await until(() => packets.length === 2)
  assert.deepEqual(packets, [`${HEAD}9\r\n01234many\r\n`, '9\r\n56789many\r\n0\r\n\r\n'])
  spool.destroy()
})

test('a worker that reads nothing is not sent more than the kernel takes', { timeout: 30_000 }, async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: 128 * MB, disk: 0 })
  const { near, far, received } = await pair(t)
  far.pause()
  const spool = store.spool('request', null, true)
  const total = 16 * MB
  while (spool.size < total) spool.write(piece(spool.size, MB))
  spool.end()
  const body = new OutgoingBody(
    spool,
    null,
    whom => waits.push(whom),
    detail => assert.fail(detail),
  )
  body.send(near, HEAD)
  await until(() => near.writableNeedDrain)
  assert.equal(waits.at(-1), 'worker')
  assert.ok(near.writableLength < MB, `${near.writableLength} bytes wait in this process`)
  assert.equal(body.sent, false)
  far.resume()
  await until(() => received().length === HEAD.length + total)
  check(bodyOf(received(), false).body, 0)
  spool.destroy()
})

test('stopped, it sends no more, and the spool can be read again', async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const { near, received } = await pair(t)
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 100))
  const body = new OutgoingBody(
    spool,
    null,
    whom => waits.push(whom),
    detail => assert.fail(detail),
  )
  body.send(near, HEAD)
  body.stop()
  body.stop()
  spool.write(piece(100, 100))
  spool.end()
  near.end()
  await until(() => near.writableFinished && received().length >= HEAD.length + 100)
  assert.equal(received().length, HEAD.length + 100)
  assert.equal(body.sent, false)
  spool.reader()
  spool.destroy()
})

test('a spool that cannot be read back is told once, and nothing more is sent', async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: 64 * MB, disk: 0 })
  const { near, received } = await pair(t)
  const spool = store.spool('request', null, true)
  spool.write(piece(0, 100))
  const details: string[] = []
  const body = new OutgoingBody(
    spool,
    null,
    whom => waits.push(whom),
    detail => details.push(detail),
  )
  let reads = 0
  const { read } = SpoolReader.prototype
  t.mock.method(SpoolReader.prototype, 'read', function (this: SpoolReader, max?: number) {
    if (++reads === 1) return read.call(this, max)
    this.onError?.('EIO')
    return null
  })
  body.send(near, HEAD)
  assert.deepEqual(details, ['EIO'])
  t.mock.restoreAll()
  spool.write(piece(100, 100))
  spool.end()
  near.end()
  await until(() => near.writableFinished && received().length >= HEAD.length + 100)
  assert.equal(received().length, HEAD.length + 100)
  assert.equal(body.sent, false)
  spool.destroy()
})

test('a connection that is gone is not written to', async t => {
  const waits: string[] = []
  const { store } = rig(t, { memory: 128 * MB, disk: 0 })
  const { near, far } = await pair(t)
  far.pause()
  const spool = store.spool('request', null, true)
  while (spool.size < 16 * MB) spool.write(piece(spool.size, MB))
  spool.end()
  const body = new OutgoingBody(
    spool,
    null,
    whom => waits.push(whom),
    detail => assert.fail(detail),
  )
  body.send(near, HEAD)
  await until(() => near.writableNeedDrain)
  near.destroy()
  spool.write(piece(0, 1))
  assert.equal(body.sent, false)
  body.stop()
  spool.destroy()
  await settled(store)
})

test('a connect that failed leaves the spool unread, for the next attempt', async t => {
  const { store } = rig(t, { memory: MB, disk: 0 })
  const spool = store.spool('request', null, false)
  spool.write(piece(0, 100))
  spool.end()
  const body = new OutgoingBody(
    spool,
    null,
    () => {},
    () => {},
  )
  body.stop()
  assert.equal(spool.whole, true)
  assert.equal(spool.reader().read()?.length, 100)
  spool.destroy()
})
