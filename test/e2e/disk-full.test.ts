// The disk under the spools is full, really: an upload that does not fit is refused and leaves nothing, an answer
// that has begun goes on at its client's pace, and everybody else is served meanwhile and afterwards.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { answers, startRecorder } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'
import { mountSmallDisk, withoutSmallDisk } from '../support/small-disk.ts'

const skip = withoutSmallDisk()
const megabyte = 2 ** 20
const piece = Buffer.alloc(megabyte, 'p')

const free = (dir: string): number => {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}
/** Limits far above what the disk has: it is the disk that says no. */
const flags = (dir: string) => [
  ...['--spool-dir', dir, '--spool-disk', '8g', '--spool-memory', '16m'],
  ...['--max-body', '1g', '--workers', '2'],
]
const aboutTheDisk = (line: { msg?: unknown }): boolean =>
  String(line.msg).startsWith('spool:') && String(line.msg).includes('ENOSPC')

test('an upload that the disk has no room for gets 503 and gives its room back', { skip }, async t => {
  const disk = mountSmallDisk(t, 32 * megabyte)
  const upstream = await startRecorder(t)
  const shield = await startShield(t, { upstream: upstream.address, args: flags(disk) })
  const before = free(disk)
  const big = await shield.connect()
  big.send(`POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * megabyte}\r\n\r\n`)
  for (let sent = 0; sent < 64 && big.ending === null && big.received.length === 0; sent++)
    await big.sent(piece)
  assert.equal((await big.answer()).status, 503)
  assert.equal((await shield.requestLine('/big')).outcome, 'proxy:receiving')
  assert.equal(upstream.count, 0, 'nothing of it reached the app')
  await shield.until(status => status.spools.disk === 0 && status.spools.open === 0, 'an empty spool')
  assert.equal(free(disk), before)

  const small = await shield.connect()
  small.send(`POST /fits HTTP/1.1\r\nHost: a\r\nContent-Length: ${4 * megabyte}\r\n\r\n`)
  for (let sent = 0; sent < 4; sent++) await small.sent(piece)
  assert.equal((await small.answer()).status, 200)
})

test('uploads that come when the disk is full already are refused, requests without one served', {
  skip,
}, async t => {
  const disk = mountSmallDisk(t, 32 * megabyte)
  const upstream = await startRecorder(t)
  const shield = await startShield(t, { upstream: upstream.address, args: flags(disk) })
  const other = join(disk, 'somebody-elses')
  try {
    writeFileSync(other, Buffer.alloc(64 * megabyte))
  } catch {
    // it is full now, as it should be
  }
  assert.ok(free(disk) < megabyte)
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = await shield.connect()
      client.send(`POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ${8 * megabyte}\r\n\r\n`)
      for (let sent = 0; sent < 8 && client.ending === null && client.received.length === 0; sent++)
        await client.sent(piece)
      return client
    }),
  )
  for (const client of clients) assert.equal((await client.answer()).status, 503)
  assert.equal((await shield.get('/small')).status, 200)
})

test('an answer that the disk has no room for goes on at its client’s pace, whole', { skip }, async t => {
  const disk = mountSmallDisk(t, 32 * megabyte)
  const body = Buffer.alloc(96 * megabyte)
  for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
  const upstream = await startRecorder(t, {
    answer: connection => {
      if (connection.request.target !== '/large') return answers('small')(connection)
      connection.socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
      )
      connection.socket.end(body)
    },
  })
  const shield = await startShield(t, { upstream: upstream.address, args: flags(disk) })
  const reader = await shield.connect({ paused: true })
  reader.request('GET', '/large', 'Connection: close')
  await shield.logLine(aboutTheDisk, 'the warning')
  await shield.busy(1)

  assert.equal((await shield.get('/small')).status, 200, 'the other worker serves')
  const upload = await shield.connect()
  upload.send('POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nsmall')
  assert.equal((await upload.answer()).status, 200, 'what needs no disk is taken')

  const hash = createHash('sha256')
  let got = -1
  let head = Buffer.alloc(0)
  reader.socket.removeAllListeners('data')
  reader.socket.on('data', (bytes: Buffer) => {
    let data = bytes
    if (got === -1) {
      head = Buffer.concat([head, bytes])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      data = head.subarray(end + 4)
      got = 0
    }
    got += data.length
    hash.update(data)
  })
  reader.socket.resume()
  await reader.ended()
  assert.equal(got, body.length)
  assert.equal(hash.digest('hex'), createHash('sha256').update(body).digest('hex'))
  assert.equal(shield.log.entries.filter(aboutTheDisk).length, 1, 'one warning')
  await shield.busy(0)
  await shield.until(status => status.spools.disk === 0, 'an empty spool')
})
