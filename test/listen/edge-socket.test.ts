import assert from 'node:assert/strict'
import net from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Address } from '../../src/config/config.ts'
import { EdgeSocket, hear, unhear } from '../../src/listen/edge-socket.ts'
import { listen } from '../../src/listen/listener.ts'
import { until } from '../spool/rig.ts'
import { temporaryFolder } from '../support/owner.ts'
import { connectRaw } from '../support/raw-client.ts'
import { open } from './rig.ts'

// All connections read into one buffer: what one has kept must not change with what another reads.

test('half a head stays as it came while another client sends', async t => {
  const { host, connect } = await open(t)
  const [first, second] = [await connect(), await connect()]
  first.send('GET /first HTTP/1.1\r\nHost: one.test\r\nX-Half: a')
  await until(() => host.edges.some(edge => edge.state === 'head'))
  second.send('GET /other HTTP/1.1\r\nHost: two.test\r\nX-Whole: bbbbbbbbbbbbbbbbbbb\r\n\r\n')
  assert.equal((await host.next()).head?.target, '/other')
  first.send('a\r\n\r\n')
  const { head } = await host.next()
  assert.deepEqual([head?.target, head?.host, head?.headers.get('x-half')], ['/first', 'one.test', 'aa'])
})

test('a request that waits its turn, and a body that was not asked for, stay as they came', async t => {
  const { host, connect } = await open(t)
  const [first, second] = [await connect(), await connect()]
  first.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody')
  const one = await host.next()
  second.send(`GET /${'x'.repeat(200)} HTTP/1.1\r\nHost: b\r\n\r\n`)
  await host.next()
  one.answer()
  const two = await host.next()
  assert.equal(two.head?.target, '/2')
  second.send('y'.repeat(300))
  await until(() => host.edges[1]!.raw.bytesRead > 500)
  let body = ''
  two.edge.readBody({ data: chunk => void (body += chunk.toString()), end: () => {} })
  assert.equal(body, 'body')
})

for (const kind of ['tcp', 'unix'] as const) {
  test(`on plain connections bytes are lent: ${kind}`, async t => {
    const accepted = Promise.withResolvers<net.Socket>()
    const path = join(temporaryFolder(t), 'edge.sock')
    const where: Address = kind === 'tcp' ? { kind, host: '127.0.0.1', port: 0 } : { kind, path }
    const listener = await listen(where, null, ({ raw }) => accepted.resolve(raw))
    t.after(() => listener.close())
    const client = net.connect(
      listener.address.kind === 'tcp' ? { port: listener.address.port } : { path: listener.address.path },
    )
    t.after(() => client.destroy())
    const socket = await accepted.promise
    t.after(() => socket.destroy())
    assert.ok(socket instanceof EdgeSocket)
  })
}

test('what nobody takes goes through the stream, in order with what was put back', async t => {
  const accepted = Promise.withResolvers<net.Socket>()
  const listener = await listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }, null, ({ raw }) =>
    accepted.resolve(raw),
  )
  t.after(() => listener.close())
  const { address } = listener
  const client = await connectRaw(t, `127.0.0.1:${address.kind === 'tcp' ? address.port : 0}`)
  const socket = await accepted.promise
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  const seen: string[] = []
  const lentTo = (bytes: Buffer) => void seen.push(`lent ${bytes}`)
  hear(socket, lentTo)
  client.send('1')
  await until(() => seen.length === 1)
  unhear(socket)
  socket.pause()
  socket.unshift(Buffer.from('back'))
  socket.on('data', bytes => void seen.push(`stream ${bytes}`))
  socket.resume()
  client.send('2')
  await until(() => seen.join().includes('2'))
  assert.deepEqual(seen, ['lent 1', 'stream back', 'stream 2'])
})
