import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { LateClose } from '../../src/upstream/late-close.ts'
import { Journal } from '../support/journal.ts'

/** Pairs of sockets; what the far end sees is in the journal. */
async function pairs(t: TestContext, count: number): Promise<{ near: Socket[]; seen: Journal<string> }> {
  const seen = new Journal<string>('the far end')
  const server = createServer({ allowHalfOpen: true }, socket => {
    const name = seen.entries.length
    seen.push(`accepted ${name}`)
    t.after(() => socket.destroy())
    socket.on('error', error => seen.push(`${(error as NodeJS.ErrnoException).code}`))
    socket.resume().on('end', () => seen.push('FIN'))
  })
  t.after(() => server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const near = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
  for (const socket of near) t.after(() => socket.destroy())
  await seen.until(() => seen.entries.length === count, 'all connections')
  return { near, seen }
}

test('all that completed meanwhile are sent FIN, by one timer', async t => {
  const { near, seen } = await pairs(t, 3)
  const timers = t.mock.method(globalThis, 'setTimeout')
  for (const socket of near) LateClose.of(socket)
  assert.equal(timers.mock.callCount(), 1)
  assert.deepEqual(
    near.map(({ writableEnded }) => writableEnded),
    [false, false, false],
    'not at once',
  )
  await seen.until(() => seen.entries.filter(entry => entry === 'FIN').length === 3, 'every FIN')
  assert.deepEqual(
    near.map(({ destroyed }) => destroyed),
    [false, false, false],
    'it reads on',
  )
})

test('one that was closed by then is left alone, and the next round has its own timer', async t => {
  const { near, seen } = await pairs(t, 2)
  LateClose.of(near[0]!)
  near[0]!.destroy()
  await seen.find(entry => entry === 'FIN', 'the FIN of the close')
  const timers = t.mock.method(globalThis, 'setTimeout')
  // The first round may still be to come: it takes the newcomer along.
  LateClose.of(near[1]!)
  assert.ok(timers.mock.callCount() <= 1)
  await seen.until(() => seen.entries.filter(entry => entry === 'FIN').length === 2, 'the other FIN')
})
