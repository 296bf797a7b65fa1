// Five hundred connections of each kind that keep something half done: live traffic gets its workers all the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Owner } from '../support/owner.ts'
import type { RawClient } from '../support/raw-client.ts'
import { answers, startRecorder } from '../support/recorder.ts'
import { type Shield, startShield } from '../support/shield.ts'

const crowd = 500
/** Twice what the kernel takes of an answer that nobody reads: some 4 MB by its usual limits (tcp_wmem). */
const large = 8 * 2 ** 20

const attacks: Record<string, { count: number; begin(client: RawClient): void }> = {
  'heads that never end': {
    count: crowd,
    begin: client => void client.send('GET /slow HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n'),
  },
  'bodies that never come': {
    count: crowd,
    begin: client => void client.send('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx'),
  },
  // Fewer: each answer that nobody reads lies on the disk of whoever runs this.
  'answers that nobody reads': {
    count: 60,
    begin: client => void client.request('GET', '/large'),
  },
}

async function begun(owner: Owner, attack: string): Promise<{ shield: Shield; crowd: RawClient[] }> {
  const upstream = await startRecorder(owner, {
    answer: connection =>
      answers(connection.request.target === '/large' ? 'd'.repeat(large) : 'live')(connection),
  })
  const shield = await startShield(owner, { upstream: upstream.address, args: ['--workers', '2'] })
  const { count, begin } = attacks[attack]!
  const all: RawClient[] = []
  for (let index = 0; index < count; index++) {
    const client = await shield.connect({ paused: attack === 'answers that nobody reads' })
    begin(client)
    all.push(client)
  }
  return { shield, crowd: all }
}

for (const attack of Object.keys(attacks)) {
  test(`live traffic beside ${attack}`, async t => {
    const { shield, crowd } = await begun(t, attack)
    const inflight = attack === 'heads that never end' ? 0 : crowd.length
    await shield.until(
      status => status.inflight.length === inflight && status.queue.length === 0,
      'all attackers under way',
    )
    await shield.busy(0)
    const clients = await Promise.all(Array.from({ length: 20 }, () => shield.connect()))
    for (let turn = 0; turn < 3; turn++) {
      for (const client of clients) client.request('GET', '/live')
      for (const client of clients) assert.equal((await client.answer()).body.toString(), 'live')
    }
    assert.ok(
      crowd.every(client => client.ending === null),
      'the attackers are still there',
    )
  })
}
