import assert from 'node:assert/strict'
import { copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { Address } from '../../src/config/config.ts'
import type { Accepted } from '../../src/listen/edge-host.ts'
import { type Listener, listen, type TlsFiles } from '../../src/listen/listener.ts'
import { hear } from '../../src/socket/byte-stream.ts'
import { Journal } from '../support/journal.ts'
import { temporaryFolder } from '../support/owner.ts'
import { connectRaw } from '../support/raw-client.ts'

const pem = (name: string) => fileURLToPath(new URL(`../config/tls/${name}`, import.meta.url))
const files: TlsFiles = { cert: pem('cert.pem'), key: pem('key.pem') }
const loopback: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 }

interface Listening {
  readonly listener: Listener
  readonly accepted: Journal<Accepted>
  readonly to: string
}

async function start(t: TestContext, address: Address, tls: TlsFiles | null = null): Promise<Listening> {
  const accepted = new Journal<Accepted>('accepted', ({ peer, secure }) => `${peer}, secure ${secure}`)
  const listener = await listen(address, tls, connection => {
    t.after(() => connection.raw.destroy())
    if (connection.secure) (connection.socket as unknown as TLSSocket).on('error', () => {})
    accepted.push(connection)
  })
  t.after(() => listener.close())
  const bound = listener.address
  return { listener, accepted, to: bound.kind === 'tcp' ? `127.0.0.1:${bound.port}` : `unix:${bound.path}` }
}

/** The message with which listening there fails. */
async function refusal(address: Address, tls: TlsFiles | null = null): Promise<string> {
  try {
    const listener = await listen(address, tls, () => {})
    listener.close()
  } catch (error) {
    return (error as Error).message
  }
  assert.fail('it could listen')
}

test('listens on the port that the kernel chose, and says which', async t => {
  const { listener, accepted, to } = await start(t, loopback)
  assert.ok(listener.address.kind === 'tcp' && listener.address.port > 0)
  assert.equal(listener.secure, false)
  await connectRaw(t, to)
  const { secure, peer, socket, raw } = await accepted.find(() => true, 'the connection')
  assert.deepEqual([secure, peer, socket], [false, '127.0.0.1', raw])
})

test('a client’s FIN does not end the connection', async t => {
  const { accepted, to } = await start(t, loopback)
  const client = await connectRaw(t, to)
  client.halfClose()
  const { socket } = await accepted.find(() => true, 'the connection')
  await new Promise<void>(resolve => hear(socket, { received() {}, ended: resolve, closed() {} }))
  socket.write('still here', 'latin1')
  socket.end()
  await client.receives('still here')
})

test('all addresses means those of IPv4 too', async t => {
  const { accepted, to } = await start(t, { kind: 'tcp', host: '::', port: 0 })
  await connectRaw(t, to)
  const { peer } = await accepted.find(() => true, 'the connection')
  assert.equal(peer, '127.0.0.1', 'and as such, not mapped')
})

test('a port that is taken is named, with what to do', async t => {
  const { listener } = await start(t, loopback)
  const { address } = listener
  assert.ok(address.kind === 'tcp')
  const message = await refusal(address)
  assert.match(
    message,
    new RegExp(`^cannot listen on 127\\.0\\.0\\.1:${address.port}: it is taken by another process;`),
  )
  assert.match(message, /--listen.*\(EADDRINUSE\)$/)
})

test('an address that is not this machine’s is named, with what to do', async () => {
  // RFC 5737: an address for documentation is nobody's.
  const message = await refusal({ kind: 'tcp', host: '192.0.2.1', port: 0 })
  assert.match(
    message,
    /^cannot listen on 192\.0\.2\.1:0: this machine has no such address.*\(EADDRNOTAVAIL\)$/,
  )
})

test('a closed listener takes no more connections, and keeps those it took', async t => {
  const { listener, accepted, to } = await start(t, loopback)
  const client = await connectRaw(t, to)
  const { socket } = await accepted.find(() => true, 'the connection')
  listener.close()
  await assert.rejects(connectRaw(t, to), { code: 'ECONNREFUSED' })
  socket.write('still here', 'latin1')
  await client.receives('still here')
})

test('a Unix socket is made for everybody, and goes with its listener', async t => {
  const path = join(temporaryFolder(t), 'shield.sock')
  const { listener, accepted, to } = await start(t, { kind: 'unix', path })
  assert.deepEqual(listener.address, { kind: 'unix', path })
  assert.equal(statSync(path).mode & 0o777, 0o666)
  await connectRaw(t, to)
  const { peer } = await accepted.find(() => true, 'the connection')
  assert.equal(peer, 'unix:')
  listener.close()
  assert.equal(existsSync(path), false)
})

test('a stale Unix socket is replaced; one that is listened on, and a file, are not', async t => {
  const folder = temporaryFolder(t)
  const stale = join(folder, 'stale.sock')
  await leaveStale(stale)
  assert.equal(existsSync(stale), true, 'the test’s own leftover')
  const { to } = await start(t, { kind: 'unix', path: stale })
  await connectRaw(t, to)
  assert.match(await refusal({ kind: 'unix', path: stale }), /it is taken by another process/)
  await connectRaw(t, to)
  const file = join(folder, 'file')
  writeFileSync(file, 'precious')
  assert.match(await refusal({ kind: 'unix', path: file }), /^cannot listen on unix:.*EADDRINUSE/)
  assert.equal(existsSync(file), true)
})

/** Leaves a socket file behind as a crash does: it was moved away from under its listener. */
async function leaveStale(path: string): Promise<void> {
  const { renameSync } = await import('node:fs')
  const server = createServer()
  await new Promise<void>(resolve => server.listen(`${path}.1`, resolve))
  renameSync(`${path}.1`, path)
  await new Promise(resolve => server.close(resolve))
}

test('a Unix socket in a folder that is not there is refused with what to do', async t => {
  const path = join(temporaryFolder(t), 'none', 'shield.sock')
  assert.match(
    await refusal({ kind: 'unix', path }),
    /the folder of the socket does not exist; .*\(ENOENT\)$|EACCES/,
  )
})

function handshake(t: TestContext, to: string, alpn?: string[]): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: Number(to.split(':')[1]),
    rejectUnauthorized: false,
    ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
  })
  t.after(() => void socket.destroy())
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('secureConnect', () => resolve(socket))
  })
}

test('with a certificate it speaks TLS, and offers HTTP/1.1', async t => {
  const { listener, accepted, to } = await start(t, loopback, files)
  assert.equal(listener.secure, true)
  const client = await handshake(t, to, ['h2', 'http/1.1'])
  assert.equal(client.alpnProtocol, 'http/1.1')
  const { socket, secure, peer } = await accepted.find(() => true, 'the connection')
  assert.deepEqual([secure, peer], [true, '127.0.0.1'])
  socket.write('in the clear', 'latin1')
  const bytes = await new Promise(resolve => client.once('data', resolve))
  assert.equal(String(bytes), 'in the clear')
})

test('a client is handed on before its handshake, so that one that never makes it has its limits too', async t => {
  const { accepted, to } = await start(t, loopback, files)
  const silent = await connectRaw(t, to)
  const { socket } = await accepted.find(() => true, 'the connection')
  socket.destroy()
  await silent.ended()
})

test('who does not speak TLS is closed without a byte in the clear, and harms nobody', async t => {
  const { accepted, to } = await start(t, loopback, files)
  const plain = await connectRaw(t, to)
  plain.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const { socket } = await accepted.find(() => true, 'the connection')
  let read = 0
  const closed = new Promise<void>(resolve =>
    hear(socket, { received: () => void read++, ended() {}, closed: resolve }),
  )
  await plain.ended()
  await closed
  assert.equal(read, 0)
  await handshake(t, to)
})

test('a key that does not belong to the certificate fails the start', async () => {
  assert.match(await refusal(loopback, { cert: files.cert, key: pem('other-key.pem') }), /key/i)
})

test('the certificate is read again when asked; one that is no good changes nothing', async t => {
  const folder = temporaryFolder(t)
  const own: TlsFiles = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  copyFileSync(files.cert, own.cert)
  copyFileSync(files.key, own.key)
  const { listener, to } = await start(t, loopback, own)
  listener.reloadTls()
  copyFileSync(pem('other-key.pem'), own.key)
  assert.throws(() => listener.reloadTls(), /key/i)
  await handshake(t, to)
})
