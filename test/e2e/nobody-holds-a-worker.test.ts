// What the proxy is for: whatever clients do on their side, no worker is held by it. Four real sync workers with
// a timeout of three seconds; twenty bad clients; then all four workers must be free at the same time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file, type Owner } from '../support/owner.ts'
import type { RawClient } from '../support/raw-client.ts'
import { without } from '../support/servers.ts'
import { modes, type Shield, startShield } from '../support/shield.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file)
const crowd = 20

/** Four requests must stand in four workers together, and end well. */
async function allWorkersAreFree(shield: Shield, name: string): Promise<void> {
  const { gate } = gunicorn
  const clients = await Promise.all(Array.from({ length: 4 }, () => shield.connect()))
  clients.forEach(
    (client, index) => void client.request('GET', `/hold?key=${name}-${index}`, 'Connection: close'),
  )
  const inside = await Promise.all(clients.map((_, index) => gate.entered(`${name}-${index}`)))
  assert.equal(new Set(inside.map(entry => entry.pid)).size, 4, 'each request has a worker of its own')
  for (const entry of inside) assert.ok(entry.inside, 'all are inside at once')
  for (const entry of inside) entry.release()
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  assert.deepEqual(gunicorn.workerTimeouts, [])
}

const bad: Record<string, (owner: Owner, shield: Shield) => Promise<RawClient>> = {
  'silent connections': (_, shield) => shield.connect(),
  'slow heads': async (_, shield) => (await shield.connect()).send('GET /pid HTTP/1.1\r\nHost: a'),
  'idle keep-alive connections': async (_, shield) => {
    const client = await shield.connect()
    assert.equal((await client.request('GET', '/pid').answer()).status, 200)
    return client
  },
}

const large = 8 * 1024 * 1024

for (const mode of modes) {
  for (const [name, act] of Object.entries(bad)) {
    test(`${name} hold no worker (${mode.name})`, { skip }, async t => {
      const shield = await startShield(t, {
        upstream: gunicorn.address,
        args: ['--workers', '4', ...mode.args],
      })
      for (let index = 0; index < crowd; index++) await act(t, shield)
      await allWorkersAreFree(shield, `${name} ${mode.name}`.replaceAll(' ', '-'))
    })
  }
}

test('slow bodies hold no worker', { skip }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '4'] })
  const clients: RawClient[] = []
  for (let index = 0; index < crowd; index++) {
    const client = await shield.connect()
    client.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst')
    clients.push(client)
  }
  await shield.until(status => status.inflight.length >= crowd, 'requests being received')
  await allWorkersAreFree(shield, 'slow-bodies')
  for (const client of clients) client.send(' last')
  for (const client of clients) {
    const answer = await client.answer()
    assert.equal(JSON.parse(answer.body.toString()).length, 10)
  }
})

test('slow readers of large answers hold no worker, and get every byte', { skip }, async t => {
  const shield = await startShield(t, { upstream: gunicorn.address, args: ['--workers', '4'] })
  const clients: RawClient[] = []
  for (let index = 0; index < crowd; index++) {
    const client = await shield.connect({ paused: true })
    clients.push(client.request('GET', `/large?bytes=${large}&who=${index}`, 'Connection: close'))
  }
  await allWorkersAreFree(shield, 'slow-readers')
  await shield.busy(0)
  const reader = clients[0] as RawClient
  for (const client of clients.slice(1)) client.close()
  reader.socket.resume()
  const { body } = await reader.answer()
  assert.equal(body.length, large)
  const pattern = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  for (const at of [0, 65_536, large - 256]) assert.deepEqual(body.subarray(at, at + 256), pattern)
})
