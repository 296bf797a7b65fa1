// The curve as it is worked out here, against what OpenSSL tells the client of the same handshake.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import { readClientHello } from '../../src/listen/client-hello.ts'
import { negotiatedCurve } from '../../src/listen/negotiated-curve.ts'
import { Certificates } from '../support/certificates.ts'

const SERVERS = ['auto', 'P-256:X25519', 'P-384:P-256', 'prime256v1', 'secp384r1/X25519:P-256']
const CLIENTS = ['auto', 'X25519:P-256', 'P-384:P-256', 'X25519:P-256:P-384', 'P-256:P-384']

test('the same as OpenSSL says', async t => {
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('a')
  let context = tls.createSecureContext()
  let hello = Buffer.alloc(0)
  const server = net.createServer(raw => {
    raw.once('data', bytes => {
      hello = Buffer.from(bytes)
      raw.pause()
      raw.unshift(bytes)
      const socket = new tls.TLSSocket(raw, { isServer: true, secureContext: context })
      socket.on('error', () => {})
      socket.resume()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as net.AddressInfo
  const files = { cert: readFileSync(cert), key: readFileSync(key) }
  for (const list of SERVERS)
    for (const serverOrder of [false, true]) {
      context = tls.createSecureContext({
        ...files,
        honorCipherOrder: serverOrder,
        ...(list !== 'auto' && { ecdhCurve: list }),
      })
      for (const ecdhCurve of CLIENTS)
        for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
          const client = tls.connect({ port, rejectUnauthorized: false, maxVersion, ecdhCurve })
          await once(client, 'secureConnect')
          const { name } = client.getEphemeralKeyInfo() as { name: string }
          const cipher = client.getCipher().name
          client.destroy()
          const worked = negotiatedCurve(readClientHello(hello)!, { list, serverOrder }, maxVersion, cipher)
          assert.equal(worked, name, `${list} ${serverOrder} ${ecdhCurve} ${maxVersion}`)
        }
    }
})

test('no curve, and lists that are not known', () => {
  const hello = { curves: [29], shares: [29] }
  const words = { list: null, serverOrder: false }
  assert.equal(negotiatedCurve(hello, words, 'TLSv1.2', 'AES128-SHA'), '')
  assert.equal(negotiatedCurve(hello, { ...words, list: 'X25519:frodo' }, 'TLSv1.3', ''), '')
  assert.equal(negotiatedCurve({ curves: [], shares: [] }, words, 'TLSv1.3', ''), '')
})
