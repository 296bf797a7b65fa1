// The first message of a TLS client: what a real one says, however it is cut, and what is no such message.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { isTls, NO_HELLO, readClientHello } from '../../src/listen/client-hello.ts'

/** What Node's client sends first. */
async function helloOf(t: TestContext, options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const client = tls.connect({ ...options, port, host: '127.0.0.1', rejectUnauthorized: false })
  client.on('error', () => {})
  t.after(() => client.destroy())
  const [raw] = (await once(server, 'connection')) as [net.Socket]
  t.after(() => raw.destroy())
  const chunks: Buffer[] = []
  for (;;) {
    const [chunk] = (await once(raw, 'data')) as [Buffer]
    chunks.push(chunk)
    const all = Buffer.concat(chunks)
    if (all.length >= 5 + all.readUInt16BE(3)) return all
  }
}

test('the name, ciphers and curves of a real client', async t => {
  const bytes = await helloOf(t, {
    servername: 'Shop.Example',
    ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256',
    ecdhCurve: 'X25519:prime256v1',
  })
  const hello = readClientHello(bytes)
  assert.equal(hello?.serverName, 'shop.example')
  assert.ok(hello?.ciphers.includes(0x1301) && hello.ciphers.includes(0xc02f), String(hello?.ciphers))
  assert.deepEqual(hello?.curves, [29, 23])
  for (let length = 1; length < bytes.length; length++)
    assert.equal(readClientHello(bytes.subarray(0, length)), null, `${length} of ${bytes.length} bytes`)
})

test('a client that asks for nobody', async t => {
  assert.equal(readClientHello(await helloOf(t, {}))?.serverName, '')
})

test('what is cut short within itself is left to the handshake', async t => {
  const bytes = await helloOf(t, { servername: 'a.example' })
  for (let length = 6; length < bytes.length; length += 7) {
    const broken = Buffer.from(bytes.subarray(0, length))
    broken.writeUInt16BE(length - 5, 3)
    assert.doesNotThrow(() => readClientHello(broken))
  }
  assert.equal(readClientHello(Buffer.from([22, 3, 1, 0xff, 0xff, 1])), NO_HELLO)
})

test('a name that nobody can have reaches nobody', async t => {
  const bytes = await helloOf(t, { servername: 'aaaaaaaaaa.example' })
  const at = bytes.indexOf('aaaaaaaaaa.example')
  for (const name of [
    '../../etc/passwd//',
    '..................',
    'a..b.example.orga',
    '.a.example.org.aaa',
  ]) {
    bytes.write(name.padEnd(18, 'x'), at, 'latin1')
    assert.equal(readClientHello(bytes)?.serverName, '', name)
  }
})

test('what is meant to be TLS', () => {
  assert.deepEqual(
    [0x16, 0x80, 0x47, 0x0d].map(first => isTls(first)),
    [true, true, false, false],
  )
})
