// When the app counts as well: on simulated time, with a probe whose answers the test gives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HealthWatch } from '../src/health-watch.ts'
import { Vitals } from '../src/vitals.ts'

const START = Date.UTC(2026, 0, 1)

function rig(workerTimeout: number | null = null) {
  const vitals = new Vitals()
  const state = {
    outlook: 'open' as 'open' | 'held' | 'refusing',
    probes: [] as PromiseWithResolvers<boolean | null>[],
  }
  const watch = new HealthWatch({
    vitals,
    outlook: () => state.outlook,
    probe: () => {
      state.probes.push(Promise.withResolvers<boolean | null>())
      return state.probes.at(-1)!.promise
    },
    workerTimeout,
  })
  /** The verdict at so many milliseconds from the start. */
  const at = (ms: number) => {
    watch.tick(ms, START + ms)
    return vitals.verdict
  }
  return { vitals, state, watch, at, answered: (ms: number) => vitals.answered(START + ms) }
}

test('before the first answer it is starting, and a worker is asked at once', () => {
  const { state, at } = rig()
  assert.equal(at(0), 'starting')
  assert.equal(state.probes.length, 1)
})

test('traffic is proof enough: nobody is asked while there is some', () => {
  const { state, at, answered } = rig()
  for (let second = 0; second < 100; second++) {
    answered(second * 1_000)
    assert.equal(at(second * 1_000 + 500), 'well')
  }
  assert.equal(state.probes.length, 0)
})

test('a quiet app is asked in time, one question after another', async () => {
  const { state, at, answered } = rig()
  answered(0)
  assert.equal(at(14_000), 'well')
  assert.equal(state.probes.length, 0)
  assert.equal(at(16_000), 'well')
  assert.equal(at(19_000), 'well')
  assert.equal(state.probes.length, 1, 'the first question has no answer yet')
  state.probes[0]!.resolve(false)
  await new Promise(setImmediate)
  at(20_000)
  assert.equal(state.probes.length, 2)
})

test('silence beyond the worker timeout is an illness, a busy pool within it is not', () => {
  const { at, answered, watch } = rig(60_000)
  assert.equal(watch.patience, 65_000)
  answered(0)
  assert.equal(at(65_000), 'well')
  assert.equal(at(66_000), 'silent')
})

test('an app that refuses is not asked', () => {
  const { state, at, answered } = rig()
  answered(0)
  state.outlook = 'held'
  assert.equal(at(1_000), 'refusing')
  assert.equal(at(20_000), 'refusing')
  assert.equal(state.probes.length, 0)
})
