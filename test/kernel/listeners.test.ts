import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { isListening, nobodyListensOn } from '../../src/kernel/listeners.ts'
import { temporaryFolder } from '../support/owner.ts'

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

test('a port that nobody listens on is told from one that somebody has on any address', {
  skip,
}, async () => {
  for (const host of ['127.0.0.2', '0.0.0.0', ...(existsSync('/proc/net/if_inet6') ? ['::1', '::'] : [])]) {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, host, resolve))
    const { port } = server.address() as { port: number }
    assert.equal(nobodyListensOn(port), false, host)
    await new Promise(resolve => server.close(resolve))
    assert.equal(nobodyListensOn(port), true, `${host}, closed`)
  }
})

test('of another machine nothing can be said', async () => {
  for (const host of ['192.0.2.1', '10.0.0.1', '2001:db8::1'])
    assert.equal(await isListening({ host, port: 80 }), null)
})

test('a Unix socket is there when somebody listens on it', { skip }, async t => {
  const path = join(temporaryFolder(t), 'app.sock')
  assert.equal(await isListening({ path }), false)
  assert.equal(await isListening({ path: temporaryFolder(t) }), false, 'a folder')
  const server = createServer()
  await new Promise<void>(resolve => server.listen(path, resolve))
  assert.equal(await isListening({ path }), true)
  renameSync(path, `${path}.moved`)
  await new Promise(resolve => server.close(resolve))
  assert.equal(await isListening({ path }), false)
  assert.equal(await isListening({ path: `${path}.moved` }), null, 'a file that perhaps nobody listens on')
})

test('a Unix socket is known by every path that leads to it', { skip }, async t => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'the run'))
  symlinkSync('the run', join(folder, 'linked'))
  const [bound, linked] = ['the run', 'linked'].map(name => join(folder, name, 'app.sock')) as [
    string,
    string,
  ]
  const server = createServer()
  t.after(() => void server.close())
  await new Promise<void>(resolve => server.listen(bound, resolve))
  for (const path of [bound, linked, `//${bound}`]) assert.equal(await isListening({ path }), true, path)
})

test('of a Unix socket that was bound by a relative name nothing can be said', { skip }, async t => {
  const folder = temporaryFolder(t)
  const app = spawn(
    process.execPath,
    ['-e', "require('net').createServer().listen('app.sock', () => console.log('up'))"],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  t.after(() => app.kill())
  await once(app.stdout, 'data')
  assert.equal(await isListening({ path: join(folder, 'app.sock') }), null)
})
