// What is too large or too slow is refused, closed, and the client can read why, even while it is still sending.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import { startRecorder } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'

const megabyte = Buffer.alloc(1024 * 1024, 'x')

test('a body announced too large: 413 at once, readable while the client sends on', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--max-body', '1m'] })
  const client = await shield.connect()
  client.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${8 * megabyte.length}\r\n\r\n`)
  for (let index = 0; index < 8; index++) await client.sent(megabyte)
  const answer = await client.answer()
  assert.equal(answer.status, 413)
  assert.equal(value(answer, 'connection')?.toLowerCase(), 'close')
  client.halfClose()
  assert.equal(await client.ended(), 'fin')
  assert.equal(recorder.count, 0)
})

test('a chunked body that grows too large: 413, readable while the client sends on', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--max-body', '1m'] })
  const client = await shield.connect()
  client.send('POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (let index = 0; index < 4; index++) {
    client.send('100000\r\n', megabyte)
    await client.sent('\r\n')
  }
  assert.equal((await client.answer()).status, 413)
  client.halfClose()
  assert.equal(await client.ended(), 'fin')
  assert.equal(recorder.count, 0)
})

test('20 clients that go on sending all read their 413', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--max-body', '1k'] })
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = await shield.connect()
      client.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${megabyte.length}\r\n\r\n`)
      await client.sent(megabyte)
      return (await client.answer()).status
    }),
  )
  assert.deepEqual(statuses, Array(20).fill(413))
})

const heads: Record<string, [status: number, head: string]> = {
  'many small fields': [431, `GET / HTTP/1.1\r\nHost: a\r\n${'X-Field: value\r\n'.repeat(4000)}\r\n`],
  'one large field': [431, `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'c'.repeat(60_000)}\r\n\r\n`],
  'a head that never ends': [431, `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'c'.repeat(60_000)}`],
  'a target too long': [414, `GET /${'t'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  'a target that never ends': [414, `GET /${'t'.repeat(60_000)}`],
}

for (const [name, [status, head]] of Object.entries(heads)) {
  test(`${name}: ${status}`, async t => {
    const recorder = await startRecorder(t)
    const shield = await startShield(t, { upstream: recorder.address })
    const client = await shield.connect()
    await client.sent(head)
    assert.equal((await client.answer()).status, status)
    client.halfClose()
    assert.equal(await client.ended(), 'fin')
    assert.equal(recorder.count, 0)
  })
}

test('a head that takes too long: 408 and closed', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--header-timeout', '300ms'] })
  const client = await shield.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n')
  assert.equal((await client.answer()).status, 408)
  client.halfClose()
  assert.equal(await client.ended(), 'fin')
  assert.equal(recorder.count, 0)
})

test('a body that stops coming: 408 and closed', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--body-timeout', '300ms'] })
  const client = await shield.connect()
  client.send('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
  assert.equal((await client.answer()).status, 408)
  client.halfClose()
  assert.equal(await client.ended(), 'fin')
  assert.equal(recorder.count, 0)
  assert.equal((await shield.requestLine('/slow')).outcome, 'timeout:receiving')
})

test('a connection that never says a word is closed in the end', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--header-timeout', '300ms'] })
  const client = await shield.connect()
  await client.ended()
  assert.equal(recorder.count, 0)
})

test('an idle connection is closed after the keep-alive time', async t => {
  const recorder = await startRecorder(t)
  const shield = await startShield(t, { upstream: recorder.address, args: ['--keepalive-timeout', '300ms'] })
  const client = await shield.connect()
  assert.equal((await client.request('GET', '/').answer()).status, 200)
  assert.equal(await client.ended(), 'fin')
})
