// Whether the house has an admin listener; what is asked and answered there is in test/admin/.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openAdmin } from '../src/admin-listener.ts'
import type { Address } from '../src/config/config.ts'

function rig(admin: Address | null, adminAsked: boolean) {
  const heard: string[] = []
  const log = { warn: (message: string) => void heard.push(message), error: () => {} }
  const parts = {
    config: { admin, adminAsked },
    observer: { log },
    data: { shown: () => ({}), tick: () => {} },
    groups: { length: 0 },
    pause: {},
    draining: false,
  }
  return { heard, parts: parts as never }
}

/** An address that somebody else listens at. */
async function taken(t: TestContext): Promise<Address & { kind: 'tcp' }> {
  const server = createServer()
  t.after(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { kind: 'tcp', host: '127.0.0.1', port: (server.address() as { port: number }).port }
}

test('it is opened, and says where it is', async t => {
  const { heard, parts } = rig({ kind: 'tcp', host: '127.0.0.1', port: 0 }, true)
  const admin = await openAdmin(parts)
  t.after(() => admin?.close())
  assert.ok(admin?.address.kind === 'tcp' && admin.address.port > 0)
  assert.deepEqual(heard, [])
})

test('where none is wanted there is none', async () => {
  assert.equal(await openAdmin(rig(null, false).parts), null)
})

test('an address that is taken: the proxy serves without, unless it was asked for', async t => {
  const address = await taken(t)
  const { heard, parts } = rig(address, false)
  assert.equal(await openAdmin(parts), null)
  assert.match(heard.join('\n'), /^the admin listener is off: 127\.0\.0\.1:\d+ cannot be used \(.*EADDRINUSE/)
  await assert.rejects(openAdmin(rig(address, true).parts), {
    message: /^cannot listen on the admin address 127\.0\.0\.1:\d+: .*EADDRINUSE/,
  })
})
