// WebSockets through their own lane, with a real server and client.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import type { Owner } from '../support/owner.ts'
import { startRecorder, writes } from '../support/recorder.ts'
import { busySlots, startShield } from '../support/shield.ts'
import { startNeverAccepting } from '../support/zoo.ts'

interface Echo {
  address: string
  server: WebSocketServer
}

async function startEcho(owner: Owner): Promise<Echo> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket, request) => {
    socket.on('error', () => {})
    socket.send(JSON.stringify({ url: request.url, headers: request.headers }))
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  owner.after(async () => {
    for (const socket of server.clients) socket.terminate()
    await new Promise(resolve => server.close(resolve))
  })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

async function open(
  owner: Owner,
  address: string,
): Promise<{ socket: WebSocket; hello: { url: string; headers: Record<string, string> } }> {
  const socket = new WebSocket(`ws://${address}/chat?a=b`, { headers: { 'X-Forwarded-Ssl': 'off' } })
  socket.on('error', () => {})
  owner.after(() => socket.terminate())
  const [data] = await once(socket, 'message')
  return { socket, hello: JSON.parse(String(data)) }
}

test('messages pass both ways, with the forwarding fields of every request', { timeout: 10_000 }, async t => {
  const echo = await startEcho(t)
  const shield = await startShield(t, { upstream: echo.address, args: ['--workers', '2'] })
  const { socket, hello } = await open(t, shield.address)
  assert.equal(hello.url, '/chat?a=b')
  assert.equal(hello.headers['x-real-ip'], '127.0.0.1')
  assert.notEqual(hello.headers['x-forwarded-ssl'], 'off')
  for (const message of ['short', 'x'.repeat(200_000)]) {
    socket.send(message)
    const [data] = await once(socket, 'message')
    assert.equal(String(data), message)
  }
})

test('an open one holds its slot, and gives it back at its end', { timeout: 10_000 }, async t => {
  const echo = await startEcho(t)
  const shield = await startShield(t, { upstream: echo.address, args: ['--workers', '2'] })
  const { socket } = await open(t, shield.address)
  assert.equal(busySlots(await shield.status()), 1)
  socket.close()
  await once(socket, 'close')
  await shield.busy(0)
  assert.equal((await shield.requestLine('/chat')).status_code, 101)
})

test('the server’s close reaches the client', { timeout: 10_000 }, async t => {
  const echo = await startEcho(t)
  const shield = await startShield(t, { upstream: echo.address, args: ['--workers', '2'] })
  const { socket } = await open(t, shield.address)
  for (const client of echo.server.clients) client.close(4001, 'enough')
  const [code] = await once(socket, 'close')
  assert.equal(code, 4001)
  await shield.busy(0)
})

test('open ones are closed at a drain', { timeout: 10_000 }, async t => {
  const echo = await startEcho(t)
  const shield = await startShield(t, { upstream: echo.address, args: ['--workers', '2'] })
  const { socket } = await open(t, shield.address)
  const closed = once(socket, 'close')
  assert.equal(await shield.stop(), 0)
  await closed
})

test('a refusal of the upgrade is passed on', { timeout: 10_000 }, async t => {
  const answer = writes('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
  const recorder = await startRecorder(t, { answer })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = await shield.connect()
  client.request(
    'GET',
    '/',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  )
  assert.equal((await client.answer()).status, 403)
  await shield.busy(0)
})

test('a large refusal of the upgrade reaches a slow client whole', { timeout: 30_000 }, async t => {
  const length = 12 * 1024 * 1024
  const head = `HTTP/1.1 403 Forbidden\r\nX-Accel-Redirect: /secret\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`
  const recorder = await startRecorder(t, {
    answer: writes(Buffer.concat([Buffer.from(head), Buffer.alloc(length, 'n')])),
  })
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = await shield.connect({ paused: true })
  client.request(
    'GET',
    '/large',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  )
  await recorder.connection()
  client.socket.resume()
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body.length], [403, length])
  await shield.busy(0)
  const line = await shield.requestLine('/large')
  assert.deepEqual([line.outcome, line.status_code], ['ok', 403])
})

test('a wait for the connection that is ended by us says nothing of the upstream', async t => {
  const upstream = await startNeverAccepting(t)
  const args = ['--workers', '1', '--drain-timeout', '300ms']
  const shield = await startShield(t, { upstream, args })
  const client = await shield.connect()
  client.request(
    'GET',
    '/chat',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  )
  await shield.busy(1)
  shield.signal('SIGTERM')
  assert.equal((await client.answer()).status, 503)
  assert.equal((await shield.requestLine('/chat')).failure, 'drain_timeout')
  assert.deepEqual(shield.lines('upstream down'), [])
})
