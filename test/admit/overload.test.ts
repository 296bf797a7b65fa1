import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Overload } from '../../src/admit/overload.ts'

/** One request every 10 ms that waits, of which one in so many is lost; asked whether it turns each 100 ms. */
function run(overload: Overload, from: number, to: number, lostOneIn: number): number | null {
  let turnedAt: number | null = null
  for (let at = from; at < to; at += 10) {
    overload.asked(true, at, 1)
    if ((at / 10) % lostOneIn === 0) overload.lost(at)
    if (at % 100 === 0 && overload.turns(false, at)) turnedAt ??= at
  }
  return turnedAt
}

test('it begins when the wait has been long for three seconds and a fifth of all are lost', () => {
  const overload = new Overload()
  assert.equal(run(overload, 0, 6_000, 4), 3_000)
  assert.equal(overload.on, true)
})

test('a burst is none, nor is a long wait without losses', () => {
  const burst = new Overload()
  assert.equal(run(burst, 0, 2_900, 2), null)
  const patient = new Overload()
  assert.equal(run(patient, 0, 60_000, 10), null)
})

test('a wait that was short once in the interval is no standing queue', () => {
  const overload = new Overload()
  for (let at = 0; at < 20_000; at += 2_000) {
    assert.equal(run(overload, at, at + 2_000, 2), null)
    overload.waitIsShort(at + 2_000)
  }
})

test('work in vain is noticed after a second', () => {
  const overload = new Overload()
  for (let at = 0; at < 1_000; at += 50) {
    overload.asked(true, at, 1)
    overload.begun(at)
    if (at % 150 === 0) overload.wasted(at)
    assert.equal(overload.turns(false, at), false)
  }
  assert.equal(overload.turns(false, 1_000), true)
})

test('it ends when slots have been free for three seconds, and not by a shorter lull', () => {
  const overload = new Overload()
  run(overload, 0, 3_010, 2)
  assert.equal(overload.on, true)
  for (let at = 3_100; at < 6_000; at += 100) assert.equal(overload.turns(true, at), false)
  assert.equal(overload.turns(false, 6_000), false)
  assert.equal(overload.turns(true, 6_100), true)
  assert.equal(overload.on, false)
})

test('what was lost while the upstream was away is forgotten when it is back', () => {
  const overload = new Overload()
  run(overload, 0, 2_900, 1)
  overload.resumed(2_900)
  assert.equal(run(overload, 2_900, 5_800, 10), null)
})

test('those who found a slot at once count for no overload', () => {
  const overload = new Overload()
  for (let at = 0; at < 10_000; at += 100) {
    overload.asked(false, at, 50)
    for (let lost = 0; lost < 20; lost++) overload.lost(at)
    assert.equal(overload.turns(false, at), false)
  }
})
