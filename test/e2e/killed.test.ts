// kill -9 in the middle of everything: no file stays behind, the app's side sees its connections end, and the next
// start on the same folder removes what an earlier death may have left, and nothing else.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { answers, startRecorder } from '../support/recorder.ts'
import { startShield } from '../support/shield.ts'

const megabyte = 2 ** 20

test('kill -9 with bodies on the disk both ways leaves no file', async t => {
  const dir = temporaryFolder(t)
  const upstream = await startRecorder(t, { answer: answers('d'.repeat(48 * megabyte)) })
  const args = ['--workers', '2', '--spool-dir', dir, '--spool-disk', '1g', '--max-body', '1g']
  const shield = await startShield(t, { upstream: upstream.address, args })
  const reader = await shield.connect({ paused: true })
  reader.request('GET', '/down')
  const upload = await shield.connect()
  upload.send(`POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * megabyte}\r\n\r\n`)
  for (let sent = 0; sent < 24; sent++) await upload.sent(Buffer.alloc(megabyte))
  const { spools } = await shield.until(
    status =>
      status.spools.disk_limit === 0 || (status.spools.disk > 32 * megabyte && status.spools.open === 2),
    'bodies on the disk',
  )
  if (spools.disk_limit === 0) return t.skip('the temporary folder is tmpfs')
  shield.signal('SIGKILL')
  assert.equal(await shield.exited, 'SIGKILL')
  assert.deepEqual(readdirSync(dir), [])
  reader.socket.resume()
  for (const client of [reader, upload]) await client.ended()
  for (const connection of upstream.connections.entries) await upstream.ended(connection)
})

test('a start removes what dead processes left, and neither a living one’s nor other files', async t => {
  const dir = temporaryFolder(t)
  // A process that has certainly ended: ours, and waited for.
  const { pid } = spawnSync('true')
  const leftover = `shieldproxy-${pid}-0123456789abcdef`
  const living = `shieldproxy-${process.pid}-0123456789abcdef`
  for (const name of [leftover, living, 'shieldproxy-notes.txt']) writeFileSync(join(dir, name), 'x')
  const upstream = await startRecorder(t)
  const args = ['--workers', '1', '--spool-dir', dir, '--spool-disk', '1g']
  const shield = await startShield(t, { upstream: upstream.address, args })
  const { spools } = await shield.status()
  if (spools.disk_limit === 0) return t.skip('the temporary folder is tmpfs')
  assert.deepEqual(readdirSync(dir).sort(), [living, 'shieldproxy-notes.txt'].sort())
})
