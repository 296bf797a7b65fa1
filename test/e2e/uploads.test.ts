// Request bodies on their way to a worker: whole, with a length, byte for byte, whatever way they were sent.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { value, values } from '../support/answer.ts'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { startRecorder } from '../support/recorder.ts'
import { without } from '../support/servers.ts'
import { type Json, modes, startShield } from '../support/shield.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A body in chunks of uneven sizes. */
function chunked(body: Buffer, piece: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += piece) {
    const data = body.subarray(at, at + piece)
    parts.push(Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

test('a chunked upload reaches the worker with a length', { skip }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '4'] })
  const body = randomBytes(300_001)
  const client = await shield.connect()
  client.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n')
  await client.sent(chunked(body, 7919))
  const told: Json = JSON.parse((await client.answer()).body.toString())
  assert.equal(told.environ.CONTENT_LENGTH, '300001')
  assert.equal(told.environ.HTTP_TRANSFER_ENCODING, undefined)
  assert.equal(told.sha256, sha256(body))
})

for (const mode of modes) {
  test(`20 MB go up unharmed (${mode.name})`, { skip }, async t => {
    const shield = await startShield(t, {
      upstream: gunicorn.address,
      args: ['--workers', '4', ...mode.args],
    })
    const body = randomBytes(20 * 1024 * 1024)
    const client = await shield.connect()
    client.send(`POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
    await client.sent(body)
    const told: Json = JSON.parse((await client.answer()).body.toString())
    assert.equal(told.length, body.length)
    assert.equal(told.sha256, sha256(body))
    const line = await shield.requestLine('/echo')
    assert.ok(line.bytes_in > body.length, `bytes_in ${line.bytes_in}`)
    if (mode.name === 'buffered')
      assert.ok(line.spilled >= body.length - 2 * 1024 * 1024, `spilled ${line.spilled}`)
  })

  test(`an upload in single bytes arrives whole (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '4', ...mode.args],
    })
    const client = await shield.connect()
    for (const byte of 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde')
      await client.sent(byte)
    assert.equal((await client.answer()).status, 200)
    const { request } = await recorder.request()
    assert.equal(request.body.toString(), 'abcde')
  })

  test(`a chunked upload is chunked or counted, and equal (${mode.name})`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, {
      upstream: recorder.address,
      args: ['--workers', '4', ...mode.args],
    })
    const body = randomBytes(70_000)
    const client = await shield.connect()
    client.send('PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n')
    await client.sent(chunked(body, 1000))
    assert.equal((await client.answer()).status, 200)
    const { request } = await recorder.request()
    assert.equal(sha256(request.body), sha256(body))
    assert.equal(request.framing, mode.name === 'buffered' ? 'length' : 'chunked')
  })
}

test('nothing is connected before the body is whole', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--workers', '1'] })
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcd')
  // A second client is served meanwhile by the only worker there is.
  assert.equal((await shield.get('/b')).status, 200)
  assert.equal(recorder.count, 1)
  client.send('e')
  assert.equal((await client.answer()).status, 200)
  assert.equal((await recorder.request(2)).request.target, '/a')
})

test('with streaming the worker has the head before the body is whole', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--request-buffering', 'off'] })
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc')
  const connection = await recorder.connection()
  await recorder.connections.until(
    () => connection.bytes.toString().endsWith('\r\n\r\nabc'),
    'the first bytes',
  )
  client.send('de')
  assert.equal((await client.answer()).status, 200)
  assert.equal(connection.request.body.toString(), 'abcde')
})

test('the proxy itself says 100 Continue, and the worker never hears of it', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address })
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
  assert.equal((await client.answer()).status, 100)
  assert.equal(recorder.count, 0, 'no worker was bothered')
  client.send('abcde')
  assert.equal((await client.answer()).status, 200)
  const { request } = await recorder.request()
  assert.deepEqual(values(request, 'expect'), [])
  assert.equal(value(request, 'content-length'), '5')
})

test('a body that came without waiting gets its answer too', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address })
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde')
  let answer = await client.answer()
  if (answer.status === 100) answer = await client.answer()
  assert.equal(answer.status, 200)
})

test('a full queue refuses before it says 100 Continue', { skip }, async t => {
  const args = ['--workers', '1', '--queue-size', '0']
  const shield = await startShield(t, { upstream: gunicorn.address, args })
  const holder = (await shield.connect()).request('GET', '/hold?key=full-continue')
  const entry = await gunicorn.gate.entered('full-continue')
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
  assert.equal((await client.answer()).status, 503)
  entry.release()
  assert.equal((await holder.answer()).status, 200)
})
