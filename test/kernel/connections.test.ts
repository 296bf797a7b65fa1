// Both ends of a connection on this machine, joined by the kernel's table.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { peersOf } from '../../src/kernel/connections.ts'

const skip = existsSync('/proc/net/tcp') ? false : 'there is no /proc here'

for (const host of ['127.0.0.1', '::']) {
  test(`the process at the other end of a connection is found (a listener on ${host})`, { skip }, async t => {
    const server = createServer()
    const accepted = new Promise<Socket>(resolve => server.once('connection', resolve))
    await new Promise<void>(resolve => server.listen(0, host, resolve))
    const { port } = server.address() as { port: number }
    const near = connect(port, '127.0.0.1')
    const far = await accepted
    t.after(() => {
      near.destroy()
      far.destroy()
      server.close()
    })
    const ours = far.remotePort as number
    assert.deepEqual([...(await peersOf(new Set([ours]), port, [process.pid]))], [[ours, process.pid]])
    assert.equal((await peersOf(new Set([ours]), port, [1, 999_999_999])).size, 0, 'not theirs')
    assert.equal((await peersOf(new Set([ours + 1]), port, [process.pid])).size, 0, 'another connection')
    assert.equal((await peersOf(new Set([ours]), port + 1, [process.pid])).size, 0, 'another server')
  })
}
