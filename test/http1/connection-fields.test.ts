import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  expectsContinue,
  HOP_BY_HOP,
  keepsAlive,
  namesProtocol,
  nominatedFields,
  wantsWebSocket,
} from '../../src/http1/connection-fields.ts'
import { refused, request, withFields } from './messages.ts'

const in10 = (...lines: string[]) => request(['GET / HTTP/1.0', ...lines, '', ''].join('\r\n'))

const connections: [string[], boolean, boolean][] = [
  // fields, kept in HTTP/1.1, kept in HTTP/1.0
  [[], true, false],
  [['Connection: keep-alive'], true, true],
  [['Connection: Keep-Alive'], true, true],
  [['connection: KEEP-ALIVE, x'], true, true],
  [['Connection: close'], false, false],
  [['Connection: Close'], false, false],
  [['Connection: x,close'], false, false],
  [['Connection: keep-alive, close'], false, false],
  [['Connection: keep-alive', 'Connection: close'], false, false],
  [['Connection: x', 'Connection: keep-alive'], true, true],
  [['Connection: closed'], true, false],
  [['Connection:'], true, false],
  [['Keep-Alive: timeout=5'], true, false],
]
for (const [fields, in11, kept10] of connections) {
  test(`whether the connection stays after ${fields.join(' | ') || 'nothing said'}`, () => {
    assert.equal(keepsAlive(withFields(...fields)), in11)
    assert.equal(keepsAlive(in10(...fields)), kept10)
  })
}

test('100-continue is the one expectation; HTTP/1.0 has none', () => {
  assert.ok(!expectsContinue(withFields()))
  assert.ok(expectsContinue(withFields('Expect: 100-continue')))
  assert.ok(expectsContinue(withFields('expect: 100-Continue ')))
  assert.ok(!expectsContinue(withFields('Expect:')))
  for (const value of ['200-ok', '100-continue, x', 'x, 100-continue', '100-continue;q=1', '100']) {
    refused(() => expectsContinue(withFields(`Expect: ${value}`)), 'expectation_failed')
    assert.ok(!expectsContinue(in10(`Expect: ${value}`)))
  }
  refused(
    () => expectsContinue(withFields('Expect: 100-continue', 'Expect: \x80')),
    'expectation_failed',
    /"\\x80"/,
  )
  assert.ok(!expectsContinue(in10('Expect: 100-continue')))
})

test('the upgrade lane is for GET with Upgrade and Connection that name it', () => {
  const upgrade = (line: string, ...lines: string[]) =>
    request([line, 'Host: a', ...lines, '', ''].join('\r\n'))
  const get = 'GET / HTTP/1.1'
  const both = ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket']
  assert.ok(wantsWebSocket(upgrade(get, ...both)))
  assert.ok(!wantsWebSocket(upgrade('POST / HTTP/1.1', ...both)))
  assert.ok(!wantsWebSocket(upgrade('GET / HTTP/1.0', ...both)))
  assert.ok(!wantsWebSocket(upgrade(get, 'Upgrade: websocket')))
  assert.ok(!wantsWebSocket(upgrade(get, 'Connection: upgrade')))
  assert.ok(!wantsWebSocket(upgrade(get, 'Connection: upgrade', 'Upgrade: h2c')))
  assert.ok(!wantsWebSocket(upgrade(get)))
  assert.ok(namesProtocol(upgrade(get, 'Upgrade: x, WebSocket')))
  assert.ok(namesProtocol(upgrade(get, 'Upgrade: tcp')))
  assert.ok(!namesProtocol(upgrade(get, 'Connection: upgrade')))
  assert.ok(!namesProtocol(upgrade('POST / HTTP/1.1', ...both)))
  assert.ok(!namesProtocol(upgrade('GET / HTTP/1.0', ...both)))
})

test('fields that Connection nominates are of this hop, beyond those that always are', () => {
  const nominated = (...lines: string[]) => {
    const found = nominatedFields(withFields(...lines).headers)
    return found === null ? null : [...found]
  }
  assert.equal(nominated(), null)
  assert.equal(nominated('Connection: close'), null)
  assert.equal(nominated('Connection: keep-alive, Upgrade, TE'), null)
  assert.deepEqual(nominated('Connection: X-A, close', 'connection: x-b,x-a'), ['x-a', 'x-b'])
  for (const name of HOP_BY_HOP) assert.equal(name, name.toLowerCase())
})

test('Connection cannot take away what the message means', () => {
  const names =
    'Host, Content-Length, Content-Type, Cookie, Authorization, X-Forwarded-For, CF-Connecting-IP, Set-Cookie'
  assert.equal(nominatedFields(withFields(`Connection: ${names}`).headers), null)
  assert.ok(
    HOP_BY_HOP.has('transfer-encoding') && !HOP_BY_HOP.has('content-length') && !HOP_BY_HOP.has('host'),
  )
})
