import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { answers } from '../../src/upstream/probe.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { startRecorder, writes } from '../support/recorder.ts'

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
