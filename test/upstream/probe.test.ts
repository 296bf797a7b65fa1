import assert from 'node:assert/strict'
import { existsSync, renameSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { answers, isListening } from '../../src/upstream/probe.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { startRecorder, writes } from '../support/recorder.ts'

const skip = existsSync('/proc/net/tcp') ? false : 'there is no /proc here'

test('a listener on this machine is seen without connecting', { skip }, async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', ...(existsSync('/proc/net/if_inet6') ? ['::1', '::'] : [])]) {
    let connections = 0
    const server = createServer(() => connections++)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, host, resolve)
    })
    const { port } = server.address() as { port: number }
    const asked = host.includes(':') ? '::1' : '127.0.0.1'
    assert.equal(await isListening({ host: asked, port }), true, host)
    await new Promise(resolve => server.close(resolve))
    assert.equal(await isListening({ host: asked, port }), false, `${host}, closed`)
    assert.equal(connections, 0)
  }
})

test('a port that is only connected from, or to, is not listened on', { skip }, async t => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const accepted = new Promise<import('node:net').Socket>(resolve => server.once('connection', resolve))
  const client = connect(port, '127.0.0.1')
  const far = await accepted
  t.after(() => {
    client.destroy()
    far.destroy()
  })
  server.close()
  assert.equal(await isListening({ host: '127.0.0.1', port: client.localPort! }), false)
  assert.equal(await isListening({ host: '127.0.0.1', port }), false)
})

test('a listener on another address of this machine is not one on this', { skip }, async t => {
  const server = createServer()
  t.after(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.2', resolve))
  const { port } = server.address() as { port: number }
  assert.equal(await isListening({ host: '127.0.0.2', port }), true)
  assert.equal(await isListening({ host: '127.0.0.1', port }), false)
})

test('of another machine nothing can be said', async () => {
  for (const host of ['192.0.2.1', '10.0.0.1', '2001:db8::1'])
    assert.equal(await isListening({ host, port: 80 }), null)
})

test('a Unix socket is there when somebody listens on it, whatever a crash left behind', {
  skip,
}, async t => {
  const path = join(temporaryFolder(t), 'app.sock')
  assert.equal(await isListening({ path }), false)
  assert.equal(await isListening({ path: temporaryFolder(t) }), false)
  const server = createServer()
  await new Promise<void>(resolve => server.listen(path, resolve))
  assert.equal(await isListening({ path }), true)
  renameSync(path, `${path}.moved`)
  await new Promise(resolve => server.close(resolve))
  assert.equal(await isListening({ path: `${path}.moved` }), false, 'a file that nobody listens on')
  assert.equal(await isListening({ path }), false)
})

test('asked with a whole request that ends the connection, it answers when anything that is HTTP comes', async t => {
  const app = await startRecorder(t, { answer: writes('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n') })
  const [host, port] = app.address.split(':') as [string, string]
  assert.equal(await answers({ host, port: Number(port) }, '/up', 'app.test', 5_000), true)
  const { request } = app.connections.entries[0]!
  assert.deepEqual([request.method, request.target], ['GET', '/up'])
  const fields = request.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  assert.ok(fields.includes('connection: close'), fields.join(', '))
  assert.ok(fields.includes('host: app.test'), fields.join(', '))
  assert.equal(app.connections.entries.length, 1)
})

test('nobody there, and no HTTP, is no answer', async t => {
  assert.equal(await answers({ host: '127.0.0.1', port: await freePort() }, '/', 'a', 5_000), false)
  const app = await startRecorder(t, { answer: writes('SSH-2.0-OpenSSH\r\n') })
  const [host, port] = app.address.split(':') as [string, string]
  assert.equal(await answers({ host, port: Number(port) }, '/', 'a', 5_000), false)
  const path = join(temporaryFolder(t), 'none.sock')
  assert.equal(await answers({ path }, '/', 'a', 5_000), false)
})
