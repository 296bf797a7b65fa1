// Answers that must not be kept back: each event arrives while the worker still stands before the next one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Gunicorn, startGunicorn } from '../support/gunicorn.ts'
import { file } from '../support/owner.ts'
import { without } from '../support/servers.ts'
import { modes, startShield } from '../support/shield.ts'

const skip = without('gunicorn')
const gunicorn = skip ? (null as unknown as Gunicorn) : await startGunicorn(file)

const kinds = {
  'text/event-stream': 'type=text/event-stream',
  'X-Accel-Buffering: no': 'type=text/plain&accel=no',
  // Sent on while it is being spooled: buffering keeps a worker free, and the client waits for nothing.
  'any other answer': 'type=text/plain',
}

for (const mode of modes) {
  for (const [name, query] of Object.entries(kinds)) {
    test(`${name}: what the worker sent arrives at once (${mode.name})`, { skip }, async t => {
      const shield = await startShield(t, {
        upstream: gunicorn.address,
        args: ['--workers', '4', ...mode.args],
      })
      const key = `${name}-${mode.name}`.replaceAll(/\W/g, '')
      const client = (await shield.connect()).request('GET', `/stream?key=${key}&events=3&${query}`)
      for (let event = 0; event < 3; event++) {
        await client.receives(`data: ${event}\n`)
        assert.ok(!client.received.includes(`data: ${event + 1}\n`))
        if (event < 2) (await gunicorn.gate.entered(`${key} ${event + 1}`)).release()
      }
      const answer = await client.answer()
      assert.equal(answer.body.toString(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n')
    })
  }
}
