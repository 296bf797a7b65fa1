// Two requests in the bytes of one: however a body's length is disputed, no worker sees the inner one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { values } from '../support/answer.ts'
import { startRecorder } from '../support/recorder.ts'
import { modes, startShield } from '../support/shield.ts'

const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const hex = inner.length.toString(16)

/** Codings that some servers take for chunked and others do not. */
const disguises = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked\x0b',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  ' Transfer-Encoding: chunked',
  'X: X\nTransfer-Encoding: chunked',
  'Transfer-Encoding\r\n: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: ch\u00fcnked',
  'Transfer-Encoding: chunked\0',
]

const attacks: Record<string, string> = {
  'CL.TE': `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'TE.CL': `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${hex}\r\n${inner}\r\n0\r\n\r\n`,
  'CL.CL': `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  'a chunk size that wraps at 2^32': `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\n\r\n${inner}`,
  'a terminator in an extension': `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\n${'xx'}\r\n0\r\n\r\n${inner}`,
  ...Object.fromEntries(
    disguises.map(field => [
      JSON.stringify(field),
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${field}\r\n\r\n0\r\n\r\n${inner}`,
    ]),
  ),
}

for (const mode of modes) {
  test(`no disputed length lets a second request through (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '4', ...mode.args],
    })
    for (const [name, bytes] of Object.entries(attacks)) {
      const client = (await shield.connect()).send(bytes)
      await client.until(
        () => client.received.length > 0 || client.ending !== null || name.includes('2^32'),
        name,
      )
      client.halfClose()
      await client.ended()
      for (const { bytes } of recorder.connections.entries) {
        assert.ok(!bytes.toString('latin1').startsWith('GET /smuggled'), `${name} let it through`)
      }
      assert.ok(!client.received.toString('latin1').includes(' 200 '), `${name} was served`)
    }
  })

  test(`a body that looks like a request stays a body (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '4', ...mode.args],
    })
    const client = await shield.connect()
    client.send(
      `POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\n\r\n${inner}GET /2 HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
    for (let count = 0; count < 2; count++) assert.equal((await client.answer()).status, 200)
    assert.deepEqual(
      recorder.connections.entries.map(each => each.request.target),
      ['/1', '/2'],
    )
    assert.equal((await recorder.request(1)).request.body.toString(), inner)
  })
}

test('Connection cannot name away what frames, routes or identifies a request', async t => {
  const recorder = await startRecorder(t)
  const args = ['--workers', '1', '--trusted-proxies', '192.0.2.0/24']
  const shield = await startShield(t, { upstream: recorder.address, args })
  const client = await shield.connect()
  const named = 'Connection: close, Content-Length, Host, X-Forwarded-For, X-Real-IP, X-Request-Id, X-Own'
  client.send(`POST / HTTP/1.1\r\nHost: a\r\n${named}\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\nabc`)
  const { status } = await client.answer()
  if (status === 400) return assert.equal(recorder.count, 0)
  const { request } = await recorder.request()
  assert.equal(request.body.toString(), 'abc')
  assert.deepEqual(values(request, 'host'), ['a'])
  assert.deepEqual(values(request, 'x-own'), [])
  for (const name of ['x-forwarded-for', 'x-real-ip', 'x-request-id'])
    assert.equal(values(request, name).length, 1, name)
})

test('names that collide with others in the app are dropped', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address })
  const odd = [
    'X_Forwarded_For: 1.2.3.4',
    'Content_Length: 9',
    'Transfer_Encoding: chunked',
    'Proxy: http://evil/',
  ]
  assert.equal((await shield.get('/', ...odd)).status, 200)
  const { request } = await recorder.request()
  for (const [name] of request.fields) assert.ok(!name.includes('_') && name.toLowerCase() !== 'proxy', name)
})
