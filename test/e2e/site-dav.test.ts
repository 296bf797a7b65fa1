// Files that clients write: whole whatever their length, and nothing of those that do not come to their end.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { connectRaw } from '../support/raw-client.ts'
import { runShield } from '../support/shield.ts'

async function site(t: TestContext) {
  const [port, folder] = [await freePort(), temporaryFolder(t)]
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(
    path,
    `server { listen 127.0.0.1:${port}; root ${folder}; client_max_body_size 4m;
       location / { dav_methods PUT DELETE; } }`,
  )
  const shield = runShield(t, ['-c', path, '--admin', 'off'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listener')
  return { address: `127.0.0.1:${port}`, folder }
}

test('a file that went by way of the spool’s disk is whole', async t => {
  const { address, folder } = await site(t)
  const body = Buffer.alloc(3_000_000, 'a file of some length, ')
  const client = await connectRaw(t, address)
  client.request('PUT', '/long', `Content-Length: ${body.length}`)
  client.send(body)
  assert.equal((await client.answer()).status, 201)
  assert.equal(readFileSync(join(folder, 'long')).equals(body), true)
  // The connection goes on.
  client.request('GET', '/long')
  assert.equal((await client.answer()).body.length, body.length)
  client.request('DELETE', '/long')
  assert.equal((await client.answer()).status, 204)
  assert.deepEqual(readdirSync(folder), [])
})

test('one in chunks is, too, and one that is too long is refused', async t => {
  const { address, folder } = await site(t)
  const client = await connectRaw(t, address)
  client.request('PUT', '/chunks', 'Transfer-Encoding: chunked')
  client.send('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')
  assert.equal((await client.answer()).status, 201)
  assert.equal(readFileSync(join(folder, 'chunks'), 'utf8'), 'hello world')
  client.request('PUT', '/chunks', 'Content-Length: 4194305')
  assert.equal((await client.answer()).status, 413)
  assert.equal(readFileSync(join(folder, 'chunks'), 'utf8'), 'hello world')
})

test('of a client that leaves nothing is written', async t => {
  const { address, folder } = await site(t)
  const leaving = await connectRaw(t, address)
  leaving.request('PUT', '/half', 'Content-Length: 100')
  leaving.send('half of it')
  leaving.close()
  const client = await connectRaw(t, address)
  client.request('PUT', '/whole', 'Content-Length: 5')
  client.send('whole')
  assert.equal((await client.answer()).status, 201)
  assert.deepEqual(readdirSync(folder), ['whole'])
})
