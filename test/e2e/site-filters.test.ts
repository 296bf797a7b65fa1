// Bodies that change on their way from a worker to the client: at whose pace they go, what is sent on at once, and what
// the client can tell of one that breaks. The app behind says when its answer goes on.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { value } from '../support/answer.ts'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { runShield } from '../support/shield.ts'

/** A shield whose only place has these directives, and an app behind it that `respond` answers for. */
async function passing(t: TestContext, lines: string, respond: (response: ServerResponse) => void) {
  const app = createServer((_, response) => respond(response))
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    app.closeAllConnections()
    app.close()
  })
  const port = await freePort()
  const to = `127.0.0.1:${(app.address() as AddressInfo).port}`
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(path, `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${to}; ${lines} } }`)
  const shield = runShield(t, ['-c', path, '--admin', 'off', '--log-format', 'json'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listener')
  return `127.0.0.1:${port}`
}

const HTML = { 'Content-Type': 'text/html' }
const ASKED = ['Accept-Encoding: gzip', 'Connection: close']
const LONG = Array.from({ length: 300_000 }, (_, line) => `line ${line} of the page\n`).join('')

for (const buffering of ['on', 'off']) {
  test(`a slow client gets all of a compressed answer, proxy_buffering ${buffering}`, async t => {
    const lines = `gzip on; sub_filter page book; sub_filter_once off; proxy_buffering ${buffering};`
    const address = await passing(t, lines, response => response.writeHead(200, HTML).end(LONG))
    const client = await connectRaw(t, address, { paused: true })
    client.request('GET', '/', ...ASKED)
    client.socket.resume()
    client.socket.on('data', () => {
      client.socket.pause()
      setImmediate(() => client.socket.resume())
    })
    const answer = await client.answer()
    assert.equal(value(answer, 'content-encoding'), 'gzip')
    assert.equal(gunzipSync(answer.body).toString(), LONG.replaceAll('page', 'book'))
  })
}

test('an answer that is not buffered is sent on as far as it has come, compressed or not', async t => {
  let goOn = () => {}
  const address = await passing(t, 'gzip on; proxy_buffering off; sub_filter first 1st;', response => {
    response.writeHead(200, HTML).write('the first half, ')
    goOn = () => response.end('the second')
  })
  const client = await connectRaw(t, address)
  client.request('GET', '/', ...ASKED)
  await client.until(() => partOf(client.received).includes('the 1st half, '), 'the first half')
  goOn()
  assert.equal(gunzipSync((await client.answer()).body).toString(), 'the 1st half, the second')
})

/** What can be read of a compressed answer in chunks so far. */
function partOf(received: Buffer): string {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return ''
  const pieces: Buffer[] = []
  let at = end + 4
  for (;;) {
    const line = received.indexOf('\r\n', at)
    if (line === -1) break
    const size = Number.parseInt(received.toString('latin1', at, line), 16)
    pieces.push(received.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return pieces.length === 0 ? '' : gunzipSync(Buffer.concat(pieces), { finishFlush: 2 }).toString()
}

test('an answer that cannot be undone is cut, and never ended cleanly', async t => {
  const address = await passing(t, 'gunzip on;', response => {
    const whole = gzipSync(LONG)
    whole.fill(0xff, 100_000, 100_100)
    response.writeHead(200, { ...HTML, 'Content-Encoding': 'gzip' }).end(whole)
  })
  const client = await connectRaw(t, address)
  client.request('GET', '/')
  await client.ended()
  const received = client.received.toString('latin1')
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/)
  assert.doesNotMatch(received, /0\r\n\r\n$/)
})

test('fields follow the body where the file adds them, without being asked for', async t => {
  const address = await passing(t, 'add_trailer X-Status $status; gzip on;', response =>
    response.writeHead(200, { ...HTML, 'Content-Length': 5 }).end('hello'),
  )
  const client = await connectRaw(t, address)
  client.request('GET', '/', 'Connection: close')
  await client.ended()
  assert.match(client.received.toString('latin1'), /\r\n5\r\nhello\r\n0\r\nX-Status: 200\r\n\r\n$/)
})

test('what has no length ends with the connection where chunks are put out', async t => {
  const address = await passing(t, 'gzip on; chunked_transfer_encoding off;', response =>
    response.writeHead(200, HTML).end('hello'),
  )
  const client = await connectRaw(t, address)
  client.request('GET', '/')
  assert.equal(await client.ended(), 'fin')
  const received = client.received.toString('latin1')
  assert.match(received, /\r\nConnection: close\r\n/)
  assert.match(received, /\r\n\r\nhello$/)
})
