// The keys that seal tickets: the same in all threads, others with time and for others, and what a real handshake makes
// of them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import {
  keyOfFile,
  MadeKeys,
  type TicketKeys,
  ticketMemory,
  useTicketKeys,
} from '../../src/tls/ticket-keys.ts'
import { Certificates } from '../support/certificates.ts'

const names = (keys: TicketKeys): string[] => keys.now().map(({ name }) => name.toString('hex'))

test('two threads have the same keys, which change with time; the one before is still known', () => {
  const memory = ticketMemory()
  let now = 10_000_000
  const [a, b] = [0, 1].map(() => new MadeKeys(memory, 'x', 300_000, () => now))
  const [first] = names(a!)
  assert.deepEqual(names(b!), [first])
  now += 300_000
  const [second, former] = names(b!)
  assert.notEqual(second, first)
  assert.equal(former, first)
  assert.deepEqual(names(a!), [second, first])
  now += 900_000
  assert.equal(names(a!).length, 1)
})

test('keys change when their time has passed since the first was asked for, at whatever time of day that was', () => {
  const memory = ticketMemory()
  let now = 10_299_500
  const keys = new MadeKeys(memory, 'x', 300_000, () => now)
  const [first] = names(keys)
  now += 299_000
  assert.deepEqual(names(keys), [first])
  const later = new MadeKeys(memory, 'x', 300_000, () => now)
  assert.deepEqual(names(later), [first])
  now += 1_000
  const [second, former] = names(keys)
  assert.notEqual(second, first)
  assert.equal(former, first)
  assert.deepEqual(names(later), [second, first])
})

test('other labels, other times and other memories have other keys', () => {
  const memory = ticketMemory()
  const now = () => 10_000_000
  const all = [
    new MadeKeys(memory, 'x', 300_000, now),
    new MadeKeys(memory, 'y', 300_000, now),
    new MadeKeys(memory, 'x', 200_000, now),
    new MadeKeys(ticketMemory(), 'x', 300_000, now),
  ]
  assert.equal(new Set(all.flatMap(names)).size, 4)
})

test('more times than there is memory for share the last', () => {
  const memory = ticketMemory()
  const all = Array.from({ length: 80 }, (_, n) => new MadeKeys(memory, 'x', 1_000 * (n + 1), () => 1e12))
  for (const keys of all) assert.ok(names(keys).length >= 1)
})

test('both kinds of files', () => {
  const bytes = Buffer.from(Array.from({ length: 80 }, (_, n) => n))
  const short = keyOfFile(bytes.subarray(0, 48))
  assert.deepEqual([short.name[0], short.aes[0], short.hmac[0]], [0, 16, 32])
  const long = keyOfFile(bytes)
  assert.deepEqual([long.name[0], long.hmac[0], long.aes[0], long.aes.length], [0, 16, 48, 16])
})

async function serve(t: TestContext, keys: TicketKeys): Promise<number> {
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('a')
  const context = tls.createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) })
  useTicketKeys(context, keys)
  const server = net.createServer(raw => {
    const socket = new tls.TLSSocket(raw, { isServer: true, secureContext: context })
    socket.on('error', () => {})
    socket.end('x')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return (server.address() as net.AddressInfo).port
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${maxVersion}: a ticket of the key before is opened and sealed anew, one of nobody is not`, async t => {
    const [a, b, c] = [1, 2, 3].map(n => keyOfFile(Buffer.alloc(48, n)))
    let known = [a!]
    const port = await serve(t, { now: () => known })
    let session: Buffer | undefined
    const reused = async () => {
      const client = tls.connect({ port, rejectUnauthorized: false, maxVersion, ...(session && { session }) })
      client.on('session', next => {
        session = next
      })
      client.resume()
      await once(client, 'secureConnect')
      const result = client.isSessionReused()
      if (maxVersion === 'TLSv1.2') session = client.getSession()
      await once(client, 'close')
      return result
    }
    assert.deepEqual([await reused(), await reused()], [false, true])
    known = [b!, a!]
    assert.equal(await reused(), true)
    known = [b!]
    assert.equal(await reused(), true)
    known = [c!]
    assert.equal(await reused(), false)
  })
}
