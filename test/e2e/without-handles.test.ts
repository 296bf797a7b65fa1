// Where Node does not give out its own objects for connections (a permission model, a version to come) its sockets take their
// place. Every test of this folder can be run that way: with these NODE_OPTIONS.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectRaw } from '../support/raw-client.ts'
import { startRecorder } from '../support/recorder.ts'
import { everyMode, startShield } from '../support/shield.ts'

const denied = 'process.binding = () => { throw new Error("denied") }'
const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(denied)}` }

for (const { name, args } of everyMode) {
  test(`requests and bodies on a kept connection: ${name}`, { timeout: 20_000 }, async t => {
    const app = await startRecorder(t)
    const shield = await startShield(t, { upstream: app.address, args: [...args], env })
    const client = await connectRaw(t, shield.address)
    const body = 'x'.repeat(300_000)
    for (const turn of [1, 3]) {
      assert.equal((await client.request('GET', `/${turn}`).answer()).status, 200)
      client.send(`POST /${turn} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      assert.equal((await client.answer()).status, 200)
      assert.equal(String((await app.request(turn + 1)).request.body), body)
    }
    assert.equal(app.count, 4, 'each on a connection of its own')
  })
}
