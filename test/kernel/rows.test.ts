import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eachRow, eachTcpListener } from '../../src/kernel/rows.ts'
import { temporaryFolder } from '../support/owner.ts'

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const row = (port: string, state: string) =>
  `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000002 00:00000000 00000000     0        0 4711 1`

test('of a table the listeners are read, and none of the sockets after them', t => {
  const file = join(temporaryFolder(t), 'tcp')
  const listeners = Array.from({ length: 200 }, (_, i) => (0x1000 + i).toString(16).toUpperCase())
  const rows = [...listeners.map(port => row(port, '0A')), row('2000', '06'), row('3000', '0A')]
  writeFileSync(file, `${[head, ...rows].join('\n')}\n`)
  const seen: string[] = []
  const complete = eachTcpListener(file, 1e6, ([, local = '', , , queues, , , , , inode]) => {
    seen.push(local)
    assert.deepEqual([queues, inode], ['00000000:00000002', '4711'])
  })
  assert.equal(complete, true)
  assert.deepEqual(
    seen,
    listeners.map(port => `0100007F:${port}`),
  )
})

test('rows are whole wherever a read of the table ends', t => {
  const file = join(temporaryFolder(t), 'rows')
  const rows = Array.from({ length: 3_000 }, (_, i) => `${i} ${'x'.repeat(i % 7)}`)
  writeFileSync(file, `${rows.join('\n')}\n`)
  const seen: string[] = []
  assert.equal(
    eachRow(file, 1e6, each => seen.push(each) > 0),
    true,
  )
  assert.deepEqual(seen, rows)
})

test('a table that is too long, or is not there, is said not to have been read', t => {
  const file = join(temporaryFolder(t), 'rows')
  writeFileSync(file, 'row\n'.repeat(10_000))
  assert.equal(
    eachRow(file, 8_192, () => true),
    false,
  )
  assert.equal(
    eachRow(`${file}-2`, 8_192, () => true),
    false,
  )
})
