import assert from 'node:assert/strict'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { test } from 'node:test'
import {
  headOf,
  refusalHead,
  switchingFields,
  switchingHead,
  writeAsWritten,
} from '../../src/upstream/upgrade-heads.ts'

/** An answer of these fields, as Node tells of it. */
function answerOf(statusCode: number, ...fields: [name: string, value: string][]): IncomingMessage {
  const headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]))
  return {
    statusCode,
    statusMessage: 'Said',
    rawHeaders: fields.flat(),
    headers,
  } as unknown as IncomingMessage
}

test('the request keeps the names of its fields, and those that come more than once', () => {
  const set = new Map<string, unknown>()
  const request = { setHeader: (name: string, value: unknown) => set.set(name, value) }
  const raw = ['Host', 'a', 'X-Two', '1', 'Sec-WebSocket-Key', 'k', 'X-Two', '2']
  writeAsWritten(request as unknown as ClientRequest, raw)
  assert.deepEqual(
    [...set],
    [
      ['Host', 'a'],
      ['X-Two', ['1', '2']],
      ['Sec-WebSocket-Key', 'k'],
    ],
  )
})

test('the client gets a 101 with what was received, and the connection’s fields of this hop', () => {
  const { headers } = headOf(answerOf(101, ['Connection', 'close, Upgrade'], ['Set-Cookie', 'a=1']))
  headers.add('Set-Cookie', 'b=2')
  const fields = switchingFields(headers, 'other')
  assert.deepEqual(fields, { Connection: 'Upgrade', Upgrade: 'other', 'Set-Cookie': ['a=1', 'b=2'] })
  assert.equal(switchingFields(headers, undefined).Upgrade, 'websocket')
  assert.equal(
    switchingHead(fields),
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n',
  )
})

test('a refusal goes on without the fields of the other hop, those that it names, and those to a proxy', () => {
  const answer = answerOf(
    403,
    ['Connection', 'keep-alive, X-Hop'],
    ['X-Hop', '1'],
    ['X-Accel-Expires', '10'],
    ['Content-Length', '2'],
    ['X-Reason', 'no'],
  )
  assert.equal(
    refusalHead(answer, headOf(answer).headers),
    'HTTP/1.1 403 Said\r\nX-Reason: no\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
  )
})
