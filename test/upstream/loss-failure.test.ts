import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '../../src/clock.ts'
import { HANDSHAKE_FAILED } from '../../src/upstream/connect-failure.ts'
import { lossFailure, lossOf, silenceFailure, untakenFailure } from '../../src/upstream/loss-failure.ts'

test('how far the answer had come decides what its end is called', () => {
  const seen = (begun: boolean, fragment: Buffer | null) => {
    const { code, detail } = lossFailure({ begun, fragment }, 'it closed', 7)
    return `${code}: ${detail}`
  }
  assert.equal(seen(false, null), 'worker_lost: it closed before its first byte')
  assert.match(
    seen(false, Buffer.from('HTTP/1')),
    /^worker_lost: it closed in the middle of a head: .*HTTP\/1/,
  )
  assert.equal(seen(true, null), 'answer_broken: it closed after 7 bytes')
})

test('silence before the answer is told from silence in the midst of it', () => {
  const seen = (answering: boolean) => {
    const { code, detail } = silenceFailure(35_000, answering)
    return `${code}: ${detail}`
  }
  assert.equal(seen(false), 'read_timeout: no byte came from the worker within 35000 ms')
  assert.equal(untakenFailure(5_000).detail, 'the worker took nothing of the request within 5000 ms')
  assert.equal(seen(true), 'answer_stalled: no further byte came from the worker within 35000 ms')
})

test('a worker that could not be connected to was sent nothing, unless the handshake failed', () => {
  const loss = (code: string, sentAt: number) =>
    lossOf(code === '' ? 'reset' : 'connect', code, { begun: false }, 3, sentAt)
  assert.deepEqual(loss('ECONNREFUSED', 0), {
    how: 'connect',
    nothingSent: true,
    headSeen: false,
    received: 3,
    ageMs: 0,
    code: 'ECONNREFUSED',
  })
  assert.equal(loss(HANDSHAKE_FAILED, 0).nothingSent, false)
  const lost = loss('', now() - 1_000)
  assert.equal(lost.nothingSent, false)
  assert.ok(lost.ageMs >= 999, `${lost.ageMs}`)
})
