// Signals while requests never pause: HUP again and again loses nothing and closes nothing, TERM answers whatever
// was sent before the answer that said `Connection: close`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { value } from '../support/answer.ts'
import type { RawClient } from '../support/raw-client.ts'
import { modes, type Shield, startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const clients = 16

/** Asks on one connection until `enough`, or until an answer says that it is the last. Returns how many came. */
async function asking(client: RawClient, name: string, enough: (sent: number) => boolean): Promise<number> {
  let sent = 0
  while (!enough(sent)) {
    const target = `/${name}-${sent++}`
    // Every third has a body, so that a signal may meet one that is only half here.
    if (sent % 3 === 0) client.send(`POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo`, 'dy')
    else client.request('GET', target)
    const answer = await client.answer()
    assert.equal(answer.status, 200)
    assert.equal(answer.body.toString(), target)
    if (value(answer, 'connection')?.toLowerCase() === 'close') break
  }
  return sent
}

const connected = (shield: Shield): Promise<RawClient[]> =>
  Promise.all(Array.from({ length: clients }, () => shield.connect()))

for (const mode of modes) {
  test(`HUP in a loop under load: every request is answered, no connection closed (${mode.name})`, async t => {
    const workers = await startSyncWorkers(t, { workers: 4 })
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '4', ...mode.args] })
    const all = await connected(shield)
    let reloading = true
    const load = Promise.all(
      all.map((client, number) => asking(client, `hup-${number}`, sent => sent >= 20 && !reloading)),
    )
    for (let times = 1; times <= 20; times++) {
      shield.signal('SIGHUP')
      await shield.log.until(() => shield.lines('reload').length >= times, `reload ${times}`)
      // A newcomer in the middle of it.
      assert.equal((await shield.get('/newcomer', 'Connection: close')).status, 200)
    }
    reloading = false
    await load
    for (const client of all) assert.equal(client.ending, null, 'the connection is still open')
    assert.equal(workers.mostWaiting, 0)
  })

  test(`TERM under load: every request that was sent is answered, exit 0 (${mode.name})`, async t => {
    const workers = await startSyncWorkers(t, { workers: 4 })
    const shield = await startShield(t, { upstream: workers.address, args: ['--workers', '4', ...mode.args] })
    const all = await connected(shield)
    const load = Promise.all(all.map((client, number) => asking(client, `term-${number}`, () => false)))
    await workers.jobs.until(() => workers.jobs.entries.length >= 100, 'a hundred requests')
    shield.signal('SIGTERM')
    const counts = await load
    for (const client of all) assert.equal(await client.ended(), 'fin')
    assert.equal(await shield.exited, 0)
    const sent = counts.reduce((sum, each) => sum + each, 0)
    assert.equal(workers.jobs.entries.length, sent, 'each was executed once')
  })
}
