import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tally } from '../../bench/load/tally.ts'

/** Answers that come all at once, so many each time. */
function bursts(together: number, everyMs: number, first: number): Tally {
  const tally = new Tally()
  for (let at = first; at < 10_000; at += everyMs) {
    for (let nth = 0; nth < together; nth++)
      tally.add({ at: at + nth / 10, sent: 0, kind: 'small', outcome: 'ok', status: 200 })
  }
  return tally
}

test('the rate of answers that come together does not hang on where the window begins', () => {
  for (const first of [0, 13, 26, 51]) {
    const tally = bursts(4, 52, first)
    const real = 4000 / 52
    assert.ok(Math.abs(tally.rate(2000, 6000) / real - 1) < 0.001, `from ${first}: ${tally.rate(2000, 6000)}`)
  }
})

test('a few answers are counted, and none are none', () => {
  const tally = bursts(1, 500, 0)
  assert.equal(tally.rate(0, 10_000), 2)
  assert.equal(tally.rate(20_000, 30_000), 0)
})
