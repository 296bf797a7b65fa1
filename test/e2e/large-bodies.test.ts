// A quarter of a gigabyte each way: byte for byte, through files, with the memory of a small program.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { without } from '../support/servers.ts'
import { type Shield, startShield } from '../support/shield.ts'

const skip = without('gunicorn')
// The app reads all of it in one go of its worker: the timeout is not what is tested here.
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file, { workers: 1, timeout: 30 })

const megabytes = 256
const pattern = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => index & 255))
const size = megabytes * pattern.length
const sum = createHash('sha256')
for (let count = 0; count < megabytes; count++) sum.update(pattern)
const expected = sum.digest('hex')
const allowance = 96 * 1024 * 1024

async function warm(shield: Shield): Promise<number> {
  for (let count = 0; count < 5; count++) await shield.get('/pid')
  return shield.memory().now
}

test(`${megabytes} MB up`, { skip, timeout: 120_000 }, async t => {
  const shield = await startShield(t, {
    upstream: gunicorn.address,
    args: ['--workers', '1', '--max-body', '1g'],
  })
  const idle = await warm(shield)
  const client = await shield.connect()
  client.send(`POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  for (let count = 0; count < megabytes; count++) await client.sent(pattern)
  const told = JSON.parse((await client.answer()).body.toString())
  assert.equal(told.length, size)
  assert.equal(told.sha256, expected)
  const grown = shield.memory().peak - idle
  assert.ok(grown < allowance, `grew by ${Math.round(grown / 1048576)} MB`)
})

test(`${megabytes} MB down to a client that begins to read late`, { skip, timeout: 120_000 }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '1'] })
  const idle = await warm(shield)
  const client = await shield.connect({ paused: true })
  client.request('GET', `/large?bytes=${size}`, 'Connection: close')
  // The worker is done with it before the client has read a byte.
  await shield.until(status => status.spools.disk > size / 2, 'most of it on the disk')
  await shield.busy(0)
  client.socket.removeAllListeners('data')
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let got = -1
  client.socket.on('data', (bytes: Buffer) => {
    let data = bytes
    if (got === -1) {
      head = Buffer.concat([head, bytes])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      data = head.subarray(end + 4)
      got = 0
    }
    hash.update(data)
    got += data.length
  })
  client.socket.resume()
  await once(client.socket, 'end')
  assert.equal(got, size)
  assert.equal(hash.digest('hex'), expected)
  const grown = shield.memory().peak - idle
  assert.ok(grown < allowance, `grew by ${Math.round(grown / 1048576)} MB`)
})
