// A plain connection against Node's own sockets at the other end: what it does where they do something of the same name.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { acceptPlain } from '../../src/socket/accept-plain.ts'
import { hear, unhear } from '../../src/socket/byte-stream.ts'
import { isOffered, lent, owned, PIECE } from '../../src/socket/lent.ts'
import type { PlainSocket } from '../../src/socket/plain-socket.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'

interface Pair {
  readonly plain: PlainSocket
  readonly other: net.Socket
  /** What its owner was told: `lent …`, `ended`, `failed …`, `closed`. */
  readonly told: Journal<string>
}

/** A connection that was accepted, and is not heard yet. */
async function pair(t: TestContext, kind: 'tcp' | 'unix' = 'tcp'): Promise<Pair> {
  const server = net.createServer()
  t.after(() => void server.close())
  const path = join(temporaryFolder(t), 'edge.sock')
  server.listen(kind === 'tcp' ? { host: '127.0.0.1', port: 0 } : { path })
  await once(server, 'listening')
  const accepted = Promise.withResolvers<PlainSocket>()
  acceptPlain(server, accepted.resolve)
  const to = kind === 'tcp' ? { port: (server.address() as net.AddressInfo).port } : { path }
  const other = net.connect({ ...to, allowHalfOpen: true })
  t.after(() => void other.destroy())
  other.on('error', () => {})
  const [plain] = await Promise.all([accepted.promise, once(other, 'connect')])
  t.after(() => plain.destroy())
  return { plain, other, told: new Journal('told', text => text) }
}

const ownerOf = ({ told }: Pair) => ({
  received: (bytes: Buffer) => void told.push(`lent ${bytes}`),
  ended: () => void told.push('ended'),
  failed: ({ code, syscall }: NodeJS.ErrnoException) => void told.push(`failed ${syscall} ${code}`),
  closed: () => void told.push('closed'),
})

const tellsOf = ({ told }: Pair) => told.entries.join(', ')

for (const kind of ['tcp', 'unix'] as const) {
  test(`${kind}: lends what comes, sends what is written, and is over when both halves are`, async t => {
    const it = await pair(t, kind)
    hear(it.plain, ownerOf(it))
    it.other.write('hello')
    await it.told.find(text => text === 'lent hello', 'the bytes')
    assert.ok(it.plain.write('caf\xe9 '), 'the kernel took it at once')
    it.plain.write(Buffer.from('bytes'))
    it.plain.end()
    it.other.end('bye')
    let read = ''
    for await (const bytes of it.other) read += (bytes as Buffer).toString('latin1')
    assert.equal(read, 'caf\xe9 bytes')
    await it.told.find(text => text === 'closed', 'its end')
    assert.equal(tellsOf(it), 'lent hello, lent bye, ended, closed')
    assert.deepEqual([it.plain.bytesRead, it.plain.bytesWritten, it.plain.destroyed], [8, 10, true])
  })

  test(`${kind}: what the kernel does not take at once waits, is counted, and follows in order`, async t => {
    const it = await pair(t, kind)
    hear(it.plain, ownerOf(it))
    const piece = (at: number) => Buffer.alloc(1 << 20, at)
    let written = 0
    while (it.plain.write(piece(written % 251))) written++
    it.plain.write('behind it')
    assert.ok(it.plain.writableNeedDrain)
    assert.equal(it.plain.writableLength, (1 << 20) + 9)
    assert.ok(it.plain.unsent > 9 && it.plain.unsent <= (1 << 20) + 9)
    const flushed = new Promise<void>(resolve => it.plain.onceFlushed(resolve))
    let read = 0
    let last = ''
    it.other.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 65_521) {
        const place = (read + at) >> 20
        if (place <= written) assert.equal(bytes[at], place % 251)
      }
      read += bytes.length
      last = bytes.toString('latin1').slice(-9)
    })
    await flushed
    assert.deepEqual([it.plain.writableLength, it.plain.unsent, it.plain.writableNeedDrain], [0, 0, false])
    it.plain.end()
    await once(it.other, 'end')
    assert.deepEqual([read, last], [((written + 1) << 20) + 9, 'behind it'])
  })
}

test('corked pieces go out in one', async t => {
  const it = await pair(t)
  it.plain.cork()
  for (const piece of ['5\r\n', Buffer.from('hello'), '\r\n']) it.plain.write(piece)
  it.plain.uncork()
  const [bytes] = await once(it.other, 'data')
  assert.equal(String(bytes), '5\r\nhello\r\n')
  it.plain.cork()
  it.plain.uncork()
  it.plain.write('after')
  assert.equal(String((await once(it.other, 'data'))[0]), 'after')
})

test('paused, it leaves what comes to the kernel', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  it.other.write('1')
  await it.told.find(text => text === 'lent 1', 'the first')
  it.plain.pause()
  assert.ok(it.plain.isPaused())
  await new Promise(resolve => it.other.end('2', () => resolve(null)))
  // It has arrived when the kernel has acknowledged it; one more turn would have read it.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  assert.equal(tellsOf(it), 'lent 1')
  it.plain.resume()
  await it.told.find(text => text === 'ended', 'the end')
  assert.equal(tellsOf(it), 'lent 1, lent 2, ended')
})

test('what was put back comes first, to whoever hears it then', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  it.other.write('12')
  await it.told.find(text => text === 'lent 12', 'the bytes')
  unhear(it.plain)
  it.plain.unshift(Buffer.from('2'))
  it.other.write('3')
  hear(it.plain, ownerOf(it))
  await it.told.find(text => text.includes('3'), 'the later bytes')
  assert.equal(tellsOf(it), 'lent 12, lent 2, lent 3')
})

test('it may be paused again before what was put back has come', async t => {
  const it = await pair(t)
  it.plain.unshift(Buffer.from('back'))
  hear(it.plain, ownerOf(it))
  it.plain.pause()
  await new Promise(setImmediate)
  assert.equal(tellsOf(it), '')
  it.plain.resume()
  await it.told.find(text => text === 'lent back', 'the bytes')
})

test('a reset of the other side fails it, and then it is closed', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  it.other.resetAndDestroy()
  await it.told.find(text => text === 'closed', 'its end')
  assert.equal(tellsOf(it), 'failed read ECONNRESET, closed')
})

test('a write to nobody fails it, after whoever wrote has gone on', async t => {
  const it = await pair(t)
  const gone = once(it.other, 'close')
  it.other.resetAndDestroy()
  await gone
  hear(it.plain, { ...ownerOf(it), received: () => assert.fail('nothing came') })
  it.plain.pause()
  assert.equal(it.plain.write('1'), false)
  it.plain.write('2')
  assert.equal(it.plain.writableLength, 2, 'neither has gone')
  assert.equal(tellsOf(it), '')
  await it.told.find(text => text === 'closed', 'its end')
  assert.match(tellsOf(it), /^failed write (?:EPIPE|ECONNRESET), closed$/)
})

test('its own reset is one, and a Unix socket is just closed', async t => {
  const tcp = await pair(t)
  hear(tcp.plain, ownerOf(tcp))
  tcp.plain.resetAndDestroy()
  const [error] = await once(tcp.other, 'error')
  assert.equal(error.code, 'ECONNRESET')
  await tcp.told.find(text => text === 'closed', 'its end')

  const unix = await pair(t, 'unix')
  hear(unix.plain, ownerOf(unix))
  unix.plain.resetAndDestroy()
  unix.other.resume()
  await once(unix.other, 'end')
  await unix.told.find(text => text === 'closed', 'its end')
})

test('a reset while our FIN waits behind bytes that nobody reads', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  while (it.plain.write(Buffer.alloc(1 << 20)));
  const finished = new Promise<void>(resolve => it.plain.end(resolve))
  it.plain.resetAndDestroy()
  await finished
  await it.told.find(text => text === 'closed', 'its end')
  it.other.resume()
  await Promise.race([once(it.other, 'end'), once(it.other, 'close')])
})

test('whoever waits for bytes to go, or for our FIN, is told when they never will', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  while (it.plain.write(Buffer.alloc(1 << 20)));
  const flushed = new Promise<void>(resolve => it.plain.onceFlushed(resolve))
  it.plain.destroy()
  await flushed
  assert.equal(it.plain.writableLength, 0)
  await new Promise<void>(resolve => it.plain.end(resolve))
  await new Promise<void>(resolve => it.plain.onceFlushed(resolve))
})

test('once destroyed nothing is told but the end, once', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  it.other.write('unread')
  it.plain.destroy()
  it.plain.destroy()
  it.plain.resetAndDestroy()
  it.plain.resume()
  it.plain.write('nowhere')
  assert.equal(tellsOf(it), '')
  await it.told.find(text => text === 'closed', 'its end')
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  assert.equal(tellsOf(it), 'closed')
})

test('knows both its ends, and a Unix socket none', async t => {
  const { plain, other } = await pair(t)
  const { remoteAddress, remotePort, localAddress, localPort } = plain
  assert.deepEqual(
    { remoteAddress, remotePort, localAddress, localPort },
    {
      remoteAddress: other.localAddress,
      remotePort: other.localPort,
      localAddress: other.remoteAddress,
      localPort: other.remotePort,
    },
  )
  const unix = await pair(t, 'unix')
  assert.deepEqual([unix.plain.remoteAddress, unix.plain.localPort], [undefined, undefined])
})

test('two connections lend the same memory', async t => {
  const [one, two] = [await pair(t), await pair(t)]
  let kept: Buffer | null = null
  hear(one.plain, { ...ownerOf(one), received: bytes => void (kept = bytes) })
  one.other.write('first')
  while (kept === null) await new Promise(setImmediate)
  hear(two.plain, ownerOf(two))
  two.other.write('other')
  await two.told.find(text => text === 'lent other', 'the second')
  assert.equal(String(kept), 'other')
  assert.equal((kept as Buffer).buffer, lent(1).buffer)
})

for (const kind of ['tcp', 'unix'] as const) {
  test(`${kind}: much that comes can be kept as it is, and what is kept does not change`, async t => {
    const it = await pair(t, kind)
    // Each piece of what is sent is another, wherever a read begins.
    const sent = Buffer.alloc(200 * PIECE)
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at)
    const kept: Buffer[] = []
    let copies = 0
    const received = (bytes: Buffer): void => {
      if (bytes.length === PIECE && !isOffered(bytes)) copies++
      // Every seventh is looked at, no more, and every third is kept twice.
      if (kept.length % 7 === 6) kept.push(Buffer.from(bytes))
      else kept.push(owned(bytes))
      if (kept.length % 3 === 0) assert.deepEqual(owned(bytes), kept.at(-1))
    }
    // As much as fits lies there when it is read.
    it.other.end(sent)
    await new Promise(setImmediate)
    hear(it.plain, { ...ownerOf(it), received })
    await it.told.find(text => text === 'ended', 'the end')
    assert.ok(sent.equals(Buffer.concat(kept)), 'byte for byte')
    const whole = kept.filter(bytes => bytes.length === PIECE)
    t.diagnostic(`${whole.length} of ${kept.length} reads came full, ${copies} of them into what all share`)
    assert.ok(copies < whole.length, 'none could be kept as it is')
  })
}

test('closed from within a full read, its memory is whoever’s kept it', async t => {
  const it = await pair(t)
  let kept: Buffer | null = null
  const received = (bytes: Buffer): void => {
    if (!isOffered(bytes)) return
    kept = owned(bytes)
    it.plain.destroy()
  }
  hear(it.plain, { ...ownerOf(it), received })
  it.other.write(Buffer.alloc(200 * PIECE, 'k'))
  await it.told.find(text => text === 'closed', 'the end')
  assert.deepEqual(kept, Buffer.alloc(PIECE, 'k'))
})

test('as a stream of Node’s it goes on where it was, also in the middle of much', async t => {
  const it = await pair(t)
  let before = 0
  const { promise, resolve } = Promise.withResolvers<net.Socket>()
  const received = (bytes: Buffer): void => {
    before += bytes.length
    if (isOffered(bytes)) resolve(it.plain.intoStream())
  }
  hear(it.plain, { ...ownerOf(it), received })
  it.other.end(Buffer.alloc(200 * PIECE, 's'))
  const stream = await promise
  t.after(() => void stream.destroy())
  let after = 0
  for await (const bytes of stream) {
    assert.ok((bytes as Buffer).equals(Buffer.alloc(bytes.length, 's')))
    after += bytes.length
  }
  assert.equal(before + after, 200 * PIECE)
})

test('as a stream of Node’s it goes on where it was', async t => {
  const it = await pair(t)
  hear(it.plain, ownerOf(it))
  it.other.write('1')
  await it.told.find(text => text === 'lent 1', 'the first')
  unhear(it.plain)
  it.plain.unshift(Buffer.from('back '))
  const stream = it.plain.intoStream()
  t.after(() => void stream.destroy())
  it.other.end('and on')
  let read = ''
  stream.on('data', bytes => void (read += bytes))
  await once(stream, 'end')
  assert.equal(read, 'back and on')
  stream.end('over')
  assert.equal(String((await once(it.other, 'data'))[0]), 'over')
  assert.equal(tellsOf(it), 'lent 1')
})

test('as a stream of Node’s it is closed where it was', async t => {
  const it = await pair(t)
  it.plain.destroy()
  assert.ok(it.plain.intoStream().destroyed)
})
