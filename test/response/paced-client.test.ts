import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Clock, now } from '../../src/clock.ts'
import type { ClientWriter } from '../../src/response/delivery.ts'
import { PacedClient } from '../../src/response/paced-client.ts'
import { Rate } from '../../src/response/rate.ts'

/** Takes everything, or keeps it back until it is told. */
class Client implements ClientWriter {
  onWritable: (() => void) | null = null
  flushed = true
  ready = true
  received = ''

  write(bytes: Buffer | string): boolean {
    assert.ok(this.flushed)
    this.received += bytes.toString('latin1')
    return (this.flushed = this.ready)
  }

  take(): void {
    this.flushed = true
    const wake = this.onWritable
    this.onWritable = null
    wake?.()
  }
}

function rig(t: TestContext, perSecond: number) {
  const clock = new Clock()
  t.after(() => clock.stop())
  const client = new Client()
  const start = now()
  const paced = new PacedClient(client, new Rate(perSecond, 0), clock)
  const seen = { woken: 0 }
  const wait = () => {
    paced.onWritable = () => {
      seen.woken++
    }
  }
  return { clock, client, paced, seen, start, wait }
}

test('what may go goes at once', t => {
  const { client, paced } = rig(t, 10)
  assert.equal(paced.write('0123456789'), true)
  assert.deepEqual([client.received, paced.flushed], ['0123456789', true])
})

test('the rest follows as time goes by, and then there is room', t => {
  const { clock, client, paced, seen, start, wait } = rig(t, 10)
  assert.equal(paced.write(Buffer.from('0123456789abcdefghijKLM')), false)
  wait()
  assert.deepEqual([client.received, paced.flushed], ['0123456789', false])
  clock.tick(start + 900)
  assert.equal(client.received.length, 10)
  clock.tick(start + 1200)
  assert.equal(client.received, '0123456789abcdefghij')
  assert.equal(seen.woken, 0)
  clock.tick(start + 2300)
  assert.deepEqual([client.received.length, seen.woken, paced.flushed], [23, 1, true])
})

test('a client that does not keep up is waited for as well', t => {
  const { clock, client, paced, seen, start, wait } = rig(t, 10)
  client.ready = false
  assert.equal(paced.write('0123456789ab'), false)
  wait()
  clock.tick(start + 5000)
  assert.equal(client.received, '0123456789')
  client.ready = true
  client.take()
  clock.tick(start + 6000)
  assert.deepEqual([client.received, seen.woken], ['0123456789ab', 1])
})

test('the last piece counts as gone when the client has taken it', t => {
  const { client, paced, seen, wait } = rig(t, 10)
  client.ready = false
  assert.equal(paced.write('01234'), false)
  wait()
  assert.equal(paced.flushed, false)
  client.take()
  assert.deepEqual([seen.woken, paced.flushed], [1, true])
})

test('what nobody waits for any more is let go', t => {
  const { clock, client, paced, start, wait } = rig(t, 10)
  paced.write('0123456789ab')
  wait()
  paced.onWritable = null
  clock.tick(start + 5000)
  assert.deepEqual([client.received, paced.flushed], ['0123456789', true])
})
