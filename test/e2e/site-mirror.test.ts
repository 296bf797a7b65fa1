// Copies of requests for another place of a site: whole, and not waited for by the client's answer.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startRecordingApp } from '../support/recording-app.ts'
import { runShield } from '../support/shield.ts'

async function site(t: TestContext, app: number, other: number) {
  const port = await freePort()
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { listen 127.0.0.1:${port}; client_max_body_size 0;
       location / { mirror /copy; proxy_pass http://127.0.0.1:${app}; }
       location = /copy { internal; proxy_pass http://127.0.0.1:${other}$request_uri; } }`,
  )
  const shield = runShield(t, ['-c', path, '--admin', 'off', '--hold', '0'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listener')
  return { address: `127.0.0.1:${port}` }
}

test('a body that has gone to the disk is whole in both places', async t => {
  const [app, other] = [await startRecordingApp(t), await startRecordingApp(t)]
  const { address } = await site(t, app.port, other.port)
  const body = Buffer.alloc(3_000_000, 'a body of some length, ')
  const client = await connectRaw(t, address)
  client.request('POST', '/upload?a=b', 'Connection: close', `Content-Length: ${body.length}`)
  client.send(body)
  await client.ended()
  assert.equal((await client.rest())!.status, 200)
  for (const [name, { taken }] of Object.entries({ app, other })) {
    const [reached, ...more] = taken()
    assert.equal(reached?.line, 'POST /upload?a=b HTTP/1.0', name)
    assert.equal(reached.body === body.toString('latin1'), true, `${name}: ${reached.body.length} bytes`)
    assert.deepEqual(more, [], name)
  }
})

test('the answer does not wait for the copy, and the next request on its connection does', async t => {
  const app = await startRecordingApp(t)
  const held: ServerResponse[] = []
  const slow = createServer((_request, response) => {
    held.push(response)
    slow.emit('held')
  })
  slow.listen(0, '127.0.0.1')
  await once(slow, 'listening')
  t.after(() => {
    slow.closeAllConnections()
    slow.close()
  })
  const { address } = await site(t, app.port, (slow.address() as AddressInfo).port)
  const client = await connectRaw(t, address)
  const copied = once(slow, 'held')
  client.request('GET', '/first')
  assert.equal((await client.answer()).status, 200)
  await copied
  assert.deepEqual(
    app.taken().map(({ line }) => line),
    ['GET /first HTTP/1.0'],
  )
  client.request('GET', '/second')
  const again = once(slow, 'held')
  held.shift()!.end('nobody reads this')
  assert.equal((await client.answer()).status, 200)
  await again
  held.shift()!.end()
})

test('a copy that is refused costs the client nothing', async t => {
  const app = await startRecordingApp(t)
  const { address } = await site(t, app.port, await freePort())
  const client = await connectRaw(t, address)
  for (const target of ['/one', '/two']) {
    client.request('GET', target)
    assert.equal((await client.answer()).status, 200, target)
  }
  client.request('POST', '/three', 'Connection: close', 'Content-Length: 4')
  client.send('body')
  await client.ended()
  assert.equal((await client.rest())!.status, 200)
})
